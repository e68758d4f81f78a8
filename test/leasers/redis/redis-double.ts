import { createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { described, mayPublish, mayRun, mayUse, modified, NEW_USER, sha256, type AclUser } from './acl.ts';
import { WireError, wireReader, written, type Wire } from './wire.ts';

/** What a double says of itself, and how it fails. */
export interface RedisDoubleOptions {
  readonly version?: string;
  readonly mode?: string;
  readonly role?: string;
  readonly tls?: { readonly cert: string; readonly key: string };
  /** What it answers instead, to a command of that name. */
  readonly instead?: (command: string) => string | undefined;
  readonly clock?: () => number;
}

/** A double of Redis that we wrote from its documentation: it has users and texts, and speaks RESP2 over a socket. */
export interface RedisDouble {
  readonly port: number;
  /** Everything that it keeps, and every command that it was given, but for logins. */
  readonly written: () => string;
  /** Runs something as an administrator. */
  readonly admin: (...words: readonly string[]) => Wire;
  readonly close: () => Promise<void>;
}

interface Connection {
  readonly socket: Socket;
  user: string | undefined;
  watched: Map<string, number>;
  queue: (readonly string[])[] | undefined;
}

const OK = { simple: 'OK' } as const;
type Answer = Wire | typeof OK | { readonly simple: string };

/** Starts one on a free port of this machine. */
export async function redisDouble(options: RedisDoubleOptions = {}): Promise<RedisDouble> {
  const state = new DoubleState(options);
  const onSocket = (socket: Socket): void => state.accept(socket);
  const server: Server = options.tls ? createTlsServer(options.tls, onSocket) : createServer(onSocket);
  server.on('tlsClientError', () => undefined);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return {
    port: address.port,
    written: () =>
      JSON.stringify([
        [...state.users].map(([name, user]) => [name, described(user)]),
        [...state.keys],
        state.seen,
      ]),
    admin: (...words) => {
      const answer = state.run(words, undefined);
      return typeof answer === 'object' && answer !== null && 'simple' in answer ? answer.simple : answer;
    },
    close: () =>
      new Promise((resolve) => {
        for (const { socket } of state.connections) socket.destroy();
        server.close(() => resolve());
      }),
  };
}

class DoubleState {
  readonly users = new Map<string, AclUser>([['default', NEW_USER]]);
  readonly keys = new Map<string, { readonly text: string; readonly endsAt: number }>();
  readonly connections = new Set<Connection>();
  readonly seen: string[] = [];
  private readonly writes = new Map<string, number>();
  private readonly options: RedisDoubleOptions;

  constructor(options: RedisDoubleOptions) {
    this.options = options;
  }

  accept(socket: Socket): void {
    const connection: Connection = { socket, user: undefined, watched: new Map(), queue: undefined };
    this.connections.add(connection);
    socket.on('error', () => undefined);
    socket.on('close', () => this.connections.delete(connection));
    socket.on(
      'data',
      wireReader((value) => {
        if (!socket.destroyed) socket.write(written(this.answer(connection, value)));
      }),
    );
  }

  private answer(connection: Connection, value: Wire): Answer {
    try {
      if (!Array.isArray(value) || !value.every((word) => typeof word === 'string'))
        throw new WireError('ERR Protocol error');
      const words = value as readonly string[];
      const name = nameOf(words);
      const instead = this.options.instead?.(name);
      if (instead !== undefined) throw new WireError(instead);
      if (name === 'hello' || name === 'auth') return this.login(connection, words);
      this.seen.push(words.join(' '));
      return this.serve(connection, words);
    } catch (error) {
      if (error instanceof WireError) return error;
      throw error;
    }
  }

  private login(connection: Connection, words: readonly string[]): Answer {
    const [name, password] = words.slice(-2);
    const user = this.users.get(name ?? '');
    if (!user?.isOn || !(user.nopass || user.passwords.has(sha256(password ?? ''))))
      throw new WireError('WRONGPASS invalid username-password pair or user is disabled.');
    connection.user = name;
    const { version = '7.4.1', mode = 'standalone', role = 'master' } = this.options;
    return [
      'server',
      'redis',
      'version',
      version,
      'proto',
      2,
      'id',
      1,
      'mode',
      mode,
      'role',
      role,
      'modules',
      [],
    ];
  }

  private serve(connection: Connection, words: readonly string[]): Answer {
    const user = connection.user === undefined ? undefined : this.users.get(connection.user);
    if (!user) throw new WireError('NOAUTH Authentication required.');
    this.assertMay(user, connection.user ?? '', words);
    switch (nameOf(words)) {
      case 'watch':
        for (const key of words.slice(1)) connection.watched.set(key, this.writesOf(key));
        return OK;
      case 'multi':
        connection.queue = [];
        return OK;
      case 'exec':
        return this.exec(connection);
      default:
        if (!connection.queue) return this.run(words, connection);
        connection.queue.push(words);
        return { simple: 'QUEUED' };
    }
  }

  private exec(connection: Connection): Answer {
    const { queue, watched } = connection;
    if (!queue) throw new WireError('ERR EXEC without MULTI');
    connection.queue = undefined;
    const isDirty = [...watched].some(([key, writes]) => this.writesOf(key) !== writes);
    connection.watched = new Map();
    if (isDirty) return null;
    return queue.map((words): Wire => {
      try {
        const answer = this.run(words, connection);
        return typeof answer === 'object' && answer !== null && 'simple' in answer ? answer.simple : answer;
      } catch (error) {
        if (error instanceof WireError) return error;
        throw error;
      }
    });
  }

  private assertMay(user: AclUser, name: string, words: readonly string[]): void {
    const command = nameOf(words);
    if (!mayRun(user, command))
      throw new WireError(
        (command === 'exec' ? 'EXECABORT Transaction discarded because of: ' : '') +
          `NOPERM User ${name} has no permissions to run the '${command}' command`,
      );
    const key = words[1] ?? '';
    const how = { get: 'R', watch: 'R', set: 'W' } as const;
    if (command in how && !mayUse(user, key, how[command as keyof typeof how]))
      throw new WireError('NOPERM No permissions to access a key');
    if (command === 'publish' && !mayPublish(user, key))
      throw new WireError('NOPERM No permissions to access a channel');
  }

  private writesOf(key: string): number {
    this.read(key);
    return this.writes.get(key) ?? 0;
  }

  private read(key: string): string | null {
    const kept = this.keys.get(key);
    if (!kept) return null;
    if (kept.endsAt > this.now()) return kept.text;
    this.keys.delete(key);
    return null;
  }

  private now = (): number => (this.options.clock ?? Date.now)();

  run(words: readonly string[], connection: Connection | undefined): Answer {
    const [, first = '', second = '', third, fourth] = words;
    switch (nameOf(words)) {
      case 'ping':
        return { simple: 'PONG' };
      case 'time':
        return [String(Math.floor(this.now() / 1000)), String((this.now() % 1000) * 1000)];
      case 'get':
        return this.read(first);
      case 'set':
        return this.set(first, second, third, fourth);
      case 'publish':
        return 0;
      case 'client|id':
        return 1;
      case 'acl|users':
        return [...this.users.keys()];
      case 'acl|getuser': {
        const user = this.users.get(second);
        return user ? described(user) : null;
      }
      case 'acl|setuser':
        this.users.set(second, words.slice(3).reduce(modified, this.users.get(second) ?? NEW_USER));
        return OK;
      case 'acl|deluser':
        return this.deleteUser(second, connection);
      default:
        throw new WireError(`ERR unknown command '${first}', with args beginning with: '${second}'`);
    }
  }

  private set(key: string, text: string, unit: string | undefined, time: string | undefined): Answer {
    const length = Number(time ?? Number.NaN);
    if (unit !== undefined && !Number.isSafeInteger(length)) throw new WireError('ERR syntax error');
    const ends: Readonly<Record<string, number>> = { EX: this.now() + length * 1000, PXAT: length };
    this.keys.set(key, { text, endsAt: unit === undefined ? Infinity : (ends[unit] ?? Number.NaN) });
    this.writes.set(key, (this.writes.get(key) ?? 0) + 1);
    return OK;
  }

  private deleteUser(name: string, connection: Connection | undefined): Answer {
    if (!this.users.delete(name)) return 0;
    for (const each of this.connections) if (each.user === name && each !== connection) each.socket.destroy();
    return 1;
  }
}

function nameOf([name = '', sub = '']: readonly string[]): string {
  const command = name.toLowerCase();
  return ['acl', 'client', 'config', 'function', 'script'].includes(command)
    ? `${command}|${sub.toLowerCase()}`
    : command;
}
