import { Socket } from 'node:net';
import { Client, DatabaseError, type ClientBase, type ClientConfig } from 'pg';
import type { BeginAttempt } from './attempt-log.ts';

/** How to log in, as the vault's value says. */
export interface Login {
  readonly host: string;
  readonly port: number;
  readonly dbname: string;
  readonly username: string;
  readonly password: string;
}

/** Reads a database value out of the vault's text. */
export function parseLogin(text: string): Login {
  const value: unknown = JSON.parse(text);
  if (typeof value !== 'object' || value === null) throw new TypeError('the value is not an object');
  const field = (name: string): unknown => Object.getOwnPropertyDescriptor(value, name)?.value;
  const [host, port, dbname, username, password] = ['host', 'port', 'dbname', 'username', 'password'].map(
    field,
  );
  if (typeof host !== 'string' || typeof port !== 'number' || typeof dbname !== 'string')
    throw new TypeError('the value names no database');
  if (typeof username !== 'string' || typeof password !== 'string')
    throw new TypeError('the value is no login');
  return { host, port, dbname, username, password };
}

/** What `pg` takes to log in as a service. */
export const clientConfig = (
  { host, port, dbname, username, password }: Login,
  { applicationName, ca }: { readonly applicationName: string; readonly ca?: string },
): ClientConfig => ({
  host,
  port,
  database: dbname,
  user: username,
  password,
  application_name: applicationName,
  ssl: ca === undefined ? false : { ca },
  connectionTimeoutMillis: 5000,
});

/** An error's code: SQLSTATE, or the system's. Never its text. */
export function codeOf(error: unknown): string {
  if (error instanceof DatabaseError) return error.code ?? 'database';
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'unknown';
}

/** A `pg` client that notes its login, with the port it came from, before anybody can retry it. */
export const countedClient = (log: { readonly begin: BeginAttempt }): typeof Client =>
  class CountedClient extends Client {
    constructor(config?: string | ClientConfig) {
      const socket = new Socket();
      const options = typeof config === 'object' ? config : {};
      // A pool makes the password of its options invisible, and a spread would lose it.
      super({
        ...options,
        ...(options.password === undefined ? {} : { password: options.password }),
        stream: () => socket,
      });
      const counted = countedLogin(log, options.user ?? 'unknown', socket, () => super.connect());
      // A pool connects with a callback, everybody else with a promise.
      const connect = (callback?: (error: Error | null, client?: ClientBase) => void): unknown =>
        callback ? counted().then((client) => callback(null, client), callback) : counted();
      this.connect = connect as typeof this.connect;
    }
  };

const countedLogin =
  (log: { readonly begin: BeginAttempt }, key: string, socket: Socket, connect: () => Promise<ClientBase>) =>
  async (): Promise<ClientBase> => {
    const note = log.begin('login');
    let port: number | undefined;
    socket.once('connect', () => (port = socket.localPort));
    const from = (): { readonly localPort?: number } => (port === undefined ? {} : { localPort: port });
    try {
      const client = await connect();
      note({ key, ...from(), outcome: 'served' });
      return client;
    } catch (error) {
      note({ key, ...from(), outcome: 'failed', code: codeOf(error) });
      throw error;
    }
  };
