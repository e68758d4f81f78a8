import { connect, type Socket } from 'node:net';

/** An error that was answered, with all of its text: tests look for what must not be passed on. */
export class WireError extends Error {}

/** One value of RESP2. */
export type Wire = string | number | null | WireError | readonly Wire[];

/** Writes a value, as a server answers it and as a client asks. */
export function written(value: Wire | { readonly simple: string }): string {
  if (value === null) return '$-1\r\n';
  if (typeof value === 'number') return `:${value}\r\n`;
  if (value instanceof WireError) return `-${value.message}\r\n`;
  if (typeof value === 'string') return `$${Buffer.byteLength(value)}\r\n${value}\r\n`;
  if ('simple' in value) return `+${value.simple}\r\n`;
  return `*${value.length}\r\n${value.map(written).join('')}`;
}

/** Reads values out of bytes as they come. */
export function wireReader(onValue: (value: Wire) => void): (chunk: Buffer) => void {
  let text = Buffer.alloc(0);
  return (chunk) => {
    text = Buffer.concat([text, chunk]);
    for (;;) {
      const cursor = { at: 0 };
      const value = readOne(text, cursor);
      if (value === undefined) return;
      text = text.subarray(cursor.at);
      onValue(value);
    }
  };
}

function readOne(bytes: Buffer, cursor: { at: number }): Wire | undefined {
  const end = bytes.indexOf('\r\n', cursor.at);
  if (end < 0) return undefined;
  const [kind, rest] = [
    bytes.toString('latin1', cursor.at, cursor.at + 1),
    bytes.toString('utf8', cursor.at + 1, end),
  ];
  cursor.at = end + 2;
  if (kind === '+') return rest;
  if (kind === '-') return new WireError(rest);
  if (kind === ':') return Number(rest);
  const length = Number(rest);
  if (length < 0) return null;
  if (kind === '*') {
    const list: Wire[] = [];
    while (list.length < length) {
      const item = readOne(bytes, cursor);
      if (item === undefined) return undefined;
      list.push(item);
    }
    return list;
  }
  if (kind !== '$') throw new Error(`no RESP2: ${kind}`);
  if (bytes.length < cursor.at + length + 2) return undefined;
  const value = bytes.toString('utf8', cursor.at, cursor.at + length);
  cursor.at += length + 2;
  return value;
}

/** A client as anybody has one. */
export interface RedisClient {
  /** An error is thrown; one inside a list stands there. */
  readonly ask: (...words: readonly string[]) => Promise<Wire>;
  readonly isOpen: () => boolean;
  readonly close: () => void;
}

/** Connects to a server on this machine. */
export async function redisClient(port: number): Promise<RedisClient> {
  const socket: Socket = connect({ host: '127.0.0.1', port });
  const waiting: { readonly resolve: (value: Wire) => void; readonly reject: (error: Error) => void }[] = [];
  socket.on('error', () => undefined);
  socket.on(
    'data',
    wireReader((value) => {
      const next = waiting.shift();
      if (value instanceof WireError) next?.reject(value);
      else next?.resolve(value);
    }),
  );
  socket.once('close', () => {
    for (const { reject } of waiting.splice(0)) reject(new Error('closed'));
  });
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve);
    socket.once('error', reject);
  });
  return {
    ask: (...words) =>
      new Promise((resolve, reject) => {
        if (socket.destroyed) {
          reject(new Error('closed'));
          return;
        }
        waiting.push({ resolve, reject });
        socket.write(written(words));
      }),
    isOpen: () => !socket.destroyed,
    close: () => socket.destroy(),
  };
}
