import { constants, generateKeyPairSync, privateDecrypt, randomBytes } from 'node:crypto';
import { createServer, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { TLSSocket } from 'node:tls';
import { isPasswordOf, type DoubleAccount } from './accounts.ts';
import { DoubleTables, type DoubleSession } from './double-tables.ts';
import { MysqlError, OK, packetsOn, rowPackets, type DoubleRow, type Packets } from './wire.ts';

/** What a double says of itself, and how it fails. */
export interface MysqlDoubleOptions {
  readonly version?: string;
  readonly tls?: { readonly cert: string; readonly key: string };
  /** The number of the error that it answers instead, to a statement with such a text. */
  readonly instead?: (sql: string) => number | undefined;
}

/** A double of MySQL that we wrote from its documentation: it has accounts, locks and sessions, and speaks its protocol. */
export interface MysqlDouble {
  readonly port: number;
  readonly written: () => string;
  readonly admin: (sql: string) => readonly DoubleRow[];
  readonly close: () => Promise<void>;
}

const keys = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  publicKeyEncoding: { type: 'spki', format: 'pem' },
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
});

/** Protocol 4.1, logins by plug-in, a database at the login, transactions. */
const CAPABILITIES = 0x1 | 0x8 | 0x200 | 0x2000 | 0x8000 | 0x80000;
const TLS_CAPABILITY = 0x800;

/** Starts one on a free port of this machine. */
export async function mysqlDouble(options: MysqlDoubleOptions = {}): Promise<MysqlDouble> {
  const tables = new DoubleTables(options.version ?? '8.4.6');
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => sockets.delete(socket));
    serve(socket, tables, options).catch(() => socket.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return {
    port: address.port,
    written: () => tables.written(),
    admin: (sql) => tables.administer(sql),
    close: () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy();
        server.close(() => resolve());
      }),
  };
}

async function serve(socket: Socket, tables: DoubleTables, options: MysqlDoubleOptions): Promise<void> {
  const scramble = Buffer.from([...randomBytes(20)].map((byte) => 33 + (byte % 90)));
  const first = packetsOn(socket);
  let [stream, packets]: [Duplex, Packets] = [socket, first];
  packets.send(greeting(scramble, options));
  let answer = await packets.next();
  const isUpgrade = answer.length === 32;
  if (isUpgrade && options.tls) {
    const secure = new TLSSocket(first.bare(), { isServer: true, ...options.tls });
    [stream, packets] = [secure, packetsOn(secure, 2)];
    answer = await packets.next();
  }
  const user = answer.toString('utf8', 32, answer.indexOf(0, 32));
  const password = await passwordOf(packets, scramble, isUpgrade);
  const account = tables.accountOf(user);
  const refusal = refusalOf(account, password, isUpgrade) ?? tables.crowded(account);
  if (refusal) {
    packets.send(refusal.packet());
    stream.end();
    return;
  }
  packets.send(OK);
  const session = tables.open(user, account?.roles ?? [], () => socket.destroy());
  socket.once('close', () => tables.leave(session));
  await answerAll(packets, session, tables, options);
}

function greeting(scramble: Buffer, { version = '8.4.6', tls }: MysqlDoubleOptions): Buffer {
  const capabilities = CAPABILITIES | (tls ? TLS_CAPABILITY : 0);
  const numbers = Buffer.alloc(21);
  numbers.writeUInt16LE(capabilities & 0xffff, 0);
  numbers.writeUInt8(45, 2);
  numbers.writeUInt16LE(2, 3);
  numbers.writeUInt16LE(capabilities >>> 16, 5);
  numbers.writeUInt8(21, 7);
  return Buffer.concat([
    Buffer.from([10]),
    Buffer.from(`${version}\0`),
    Buffer.from([1, 0, 0, 0]),
    scramble.subarray(0, 8),
    Buffer.from([0]),
    numbers.subarray(0, 18),
    scramble.subarray(8),
    Buffer.from('\0caching_sha2_password\0'),
  ]);
}

/** Asks for the whole login: over TLS the password comes as it is, else under a key of the server's. */
async function passwordOf(packets: Packets, scramble: Buffer, isSecret: boolean): Promise<string> {
  packets.send(Buffer.from([1, 4]));
  let answer = await packets.next();
  if (!isSecret) {
    packets.send(Buffer.concat([Buffer.from([1]), Buffer.from(keys.publicKey)]));
    const padding = constants.RSA_PKCS1_OAEP_PADDING;
    const sealed = privateDecrypt({ key: keys.privateKey, padding, oaepHash: 'sha1' }, await packets.next());
    answer = Buffer.from(sealed.map((byte, index) => byte ^ (scramble[index % 20] ?? 0)));
  }
  return answer.toString('utf8', 0, answer.length - 1);
}

function refusalOf(
  account: DoubleAccount | undefined,
  password: string,
  isSecret: boolean,
): MysqlError | undefined {
  if (!account || !isPasswordOf(password, account.verifier) || (account.needsTls && !isSecret))
    return new MysqlError(1045, `Access denied for user (using password: ${password === '' ? 'NO' : 'YES'})`);
  return account.isLocked ? new MysqlError(3118, 'Access denied. Account is locked.') : undefined;
}

async function answerAll(
  packets: Packets,
  session: DoubleSession,
  tables: DoubleTables,
  { instead }: MysqlDoubleOptions,
): Promise<void> {
  for (;;) {
    const command = await packets.next();
    tables.stir(session);
    if (command[0] === 1) {
      session.close();
      return;
    }
    const sql = command.toString('utf8', 1);
    try {
      const number = command[0] === 3 ? instead?.(sql) : undefined;
      if (number !== undefined) throw new MysqlError(number);
      const rows = command[0] === 3 ? await tables.run(sql, session) : [];
      const [first] = rows;
      packets.send(
        ...(first ? rowPackets(rows, Object.keys(first)) : isSelect(sql) ? rowPackets([], ['none']) : [OK]),
      );
    } catch (error) {
      if (!(error instanceof MysqlError)) throw error;
      packets.send(error.packet());
    }
  }
}

const isSelect = (sql: string): boolean => /^\s*(SELECT|WITH)\b/.test(sql);
