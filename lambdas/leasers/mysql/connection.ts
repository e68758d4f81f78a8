import { setTimeout as startTimer, clearTimeout as stopTimer } from 'node:timers';
import { createConnection, type Connection } from 'mysql2/promise';
import type { Secret } from '../../core/secret.ts';
import { isPlain } from '../../servers/tls-rule.ts';
import { dial, type Dialled } from './dial.ts';
import { timeoutsOf, type MysqlLeaserPorts, type MysqlTimeouts } from './ports.ts';
import { loginError, statementError, type LoginSubject } from './target-error.ts';

/** Whom to log in as, where, and with what. */
export interface Login extends LoginSubject {
  readonly password: Secret;
}

/** A row as it comes: numbers may be texts. */
export type Row = Readonly<Record<string, string | number | null>>;

/** A connection that is logged in. */
export interface Session {
  readonly subject: LoginSubject;
  /** One statement. Throws our own errors; `doing` tells people what it was for. */
  run(doing: string, sql: string): Promise<void>;
  /** One statement and its rows. */
  rows(doing: string, sql: string): Promise<readonly Row[]>;
}

/**
 * Logs in, works, and closes: one connection, whatever happens, and no password in anything it throws.
 *
 * Errors of the login: `TARGET_UNREACHABLE` (dns, tcp, timeout), `TARGET_REFUSES_TLS`, `TARGET_REFUSES_LOGIN`,
 * `TARGET_BUSY`, `TARGET_REFUSED`.
 */
export async function withConnection<T>(
  ports: MysqlLeaserPorts,
  login: Login,
  work: (session: Session) => Promise<T>,
): Promise<T> {
  const timeouts = timeoutsOf(ports);
  const dialled = dial(login.endpoint, ports.lookup);
  // Whoever waits for an answer hears of a broken connection; without anybody waiting it is no news.
  dialled.socket.on('error', () => undefined);
  try {
    const connection = await connect(dialled, login, timeouts.connectMs);
    const session = sessionOf(connection, dialled, login, timeouts);
    await session.run('the settings of the session', settingsOf(timeouts));
    return await work(session);
  } finally {
    dialled.socket.destroy();
  }
}

async function connect(dialled: Dialled, login: Login, withinMs: number): Promise<Connection> {
  const limit = limitedTo(withinMs, dialled);
  const { endpoint, user, password } = login;
  const { host, port, ca } = endpoint;
  const ssl = {
    ...(ca === undefined ? {} : { ca }),
    rejectUnauthorized: true,
    verifyIdentity: true,
    minVersion: 'TLSv1.2',
  };
  try {
    const connection = await createConnection({
      host,
      port,
      user,
      password: password.reveal(),
      stream: dialled.socket,
      ...(isPlain(endpoint) ? {} : { ssl }),
      // A server may ask a client for its files; and one statement at a time is all that is ever sent.
      flags: ['-LOCAL_FILES'],
      multipleStatements: false,
      jsonStrings: true,
      disableEval: true,
      // Ours is the time limit; the driver's would leave the socket open.
      connectTimeout: 2 * withinMs,
    });
    connection.on('error', () => undefined);
    return connection;
  } catch (error) {
    throw loginError(login, dialled, limit.passed(), error);
  } finally {
    limit.lift();
  }
}

/**
 * A session that stands still is ended by the server, and its locks with it: a process that was frozen in the middle holds
 * nobody up and has no late effect. Without modes of its own a server reads our texts as we write them.
 */
const settingsOf = ({ statementMs, lockMs }: MysqlTimeouts): string =>
  `SET SESSION wait_timeout = ${seconds(statementMs)}, lock_wait_timeout = ${seconds(lockMs)}, sql_mode = ''`;

/** MySQL counts in whole ones. */
export const seconds = (milliseconds: number): number => Math.max(1, Math.round(milliseconds / 1000));

function sessionOf(
  connection: Connection,
  dialled: Dialled,
  subject: LoginSubject,
  { statementMs }: MysqlTimeouts,
): Session {
  async function rows(doing: string, sql: string): Promise<readonly Row[]> {
    const limit = limitedTo(statementMs + 2000, dialled);
    try {
      const [result] = await connection.query(sql);
      return Array.isArray(result) ? (result as readonly Row[]) : [];
    } catch (error) {
      throw statementError(subject, doing, error);
    } finally {
      limit.lift();
    }
  }
  return { subject, rows, run: async (doing, sql) => void (await rows(doing, sql)) };
}

/** Cuts the connection when the time is over: whatever waits for it then fails. */
function limitedTo(milliseconds: number, { socket }: Dialled): { passed(): boolean; lift(): void } {
  let passed = false;
  const timer = startTimer(() => {
    passed = true;
    socket.destroy(new Error('out of time'));
  }, milliseconds);
  return { passed: () => passed, lift: () => stopTimer(timer) };
}
