import { Duplex } from 'node:stream';

/** Packets of MySQL's protocol (https://dev.mysql.com/doc/dev/mysql-server/latest/PAGE_PROTOCOL.html), on one stream. */
export interface Packets {
  readonly send: (...payloads: readonly Buffer[]) => void;
  /** The next one that comes; rejected where there is none any more. */
  readonly next: () => Promise<Buffer>;
}

/** Reads and writes whole packets, counting them as both sides must. */
export function packetsOn(stream: Duplex, from = 0): Packets & { readonly bare: () => Duplex } {
  let [rest, sequence] = [Buffer.alloc(0), from];
  const arrived: Buffer[] = [];
  let waiting:
    { readonly resolve: (packet: Buffer) => void; readonly reject: (error: Error) => void } | undefined;
  const hand = (): void => {
    const packet = waiting ? arrived.shift() : undefined;
    if (packet) waiting?.resolve(packet);
    if (packet) waiting = undefined;
  };
  const read = (chunk: Buffer): void => {
    rest = Buffer.concat([rest, chunk]);
    while (rest.length >= 4 && rest.length >= 4 + rest.readUIntLE(0, 3)) {
      const end = 4 + rest.readUIntLE(0, 3);
      sequence = rest.readUInt8(3) + 1;
      arrived.push(rest.subarray(4, end));
      rest = rest.subarray(end);
    }
    hand();
  };
  stream.on('data', read);
  stream.on('error', () => undefined);
  stream.once('close', () => waiting?.reject(new Error('closed')));
  return {
    bare: () => {
      stream.off('data', read);
      const bare = new Duplex({
        read: () => undefined,
        write: (chunk, _encoding, done) => void stream.write(chunk, done),
        destroy: (error, done) => {
          stream.destroy();
          done(error);
        },
      });
      bare.push(rest);
      stream.on('data', (chunk) => bare.push(chunk));
      stream.once('close', () => bare.push(null));
      return bare;
    },
    send: (...payloads) => {
      const framed = payloads.map((payload) => {
        const head = Buffer.alloc(4);
        head.writeUIntLE(payload.length, 0, 3);
        head.writeUInt8(sequence % 256, 3);
        sequence += 1;
        return Buffer.concat([head, payload]);
      });
      if (!stream.destroyed) stream.write(Buffer.concat(framed));
    },
    next: () =>
      new Promise((resolve, reject) => {
        if (stream.destroyed) {
          reject(new Error('closed'));
          return;
        }
        waiting = { resolve, reject };
        hand();
      }),
  };
}

/** A text with its length before it. */
export function lengthAndText(text: string): Buffer {
  const bytes = Buffer.from(text);
  const head = Buffer.from(bytes.length < 251 ? [bytes.length] : [0xfd, 0, 0, 0]);
  if (bytes.length >= 251) head.writeUIntLE(bytes.length, 1, 3);
  return Buffer.concat([head, bytes]);
}

export const OK = Buffer.from([0, 0, 0, 2, 0, 0, 0]);
const END_OF_LIST = Buffer.from([0xfe, 0, 0, 2, 0]);

/** An error, as MySQL answers it. */
export class MysqlError extends Error {
  readonly number: number;

  constructor(number: number, message = 'canary text of the server’s') {
    super(message);
    this.number = number;
  }

  packet(): Buffer {
    const number = Buffer.alloc(2);
    number.writeUInt16LE(this.number);
    return Buffer.concat([Buffer.from([0xff]), number, Buffer.from(`#HY000${this.message}`)]);
  }
}

/** A row, with its columns in their order. */
export type DoubleRow = Readonly<Record<string, string | number | null>>;

/** Rows, as MySQL answers them in text. */
export function rowPackets(rows: readonly DoubleRow[], columns: readonly string[]): readonly Buffer[] {
  const column = (name: string): Buffer =>
    Buffer.concat([
      ...['def', '', '', '', name, name].map(lengthAndText),
      // utf8mb4, a text of up to 1,024 characters
      Buffer.from([0x0c, 45, 0, 0, 16, 0, 0, 253, 0, 0, 0, 0, 0]),
    ]);
  const cell = (value: string | number | null | undefined): Buffer =>
    value === null || value === undefined ? Buffer.from([0xfb]) : lengthAndText(String(value));
  return [
    Buffer.from([columns.length]),
    ...columns.map(column),
    END_OF_LIST,
    ...rows.map((row) => Buffer.concat(columns.map((name) => cell(row[name])))),
    END_OF_LIST,
  ];
}
