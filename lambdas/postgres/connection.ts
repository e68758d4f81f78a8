import { setTimeout as startTimer, clearTimeout as stopTimer } from 'node:timers';
import { Client, type QueryResultRow } from 'pg';
import { isLockstepError } from '../core/errors.ts';
import type { Secret } from '../core/secret.ts';
import { dial, type Dialled } from './dial.ts';
import { timeoutsOf, type ConnectionPurpose, type PostgresPorts } from './ports.ts';
import { loginError, statementError, type LoginSubject } from './target-error.ts';

/** Whom to log in as, where, and with what. */
export interface Login extends LoginSubject {
  readonly password: Secret;
}

/** A connection that is logged in. */
export interface Session {
  readonly subject: LoginSubject;
  /** One statement and its rows. Throws our own errors; `doing` tells people what it was for. */
  query<R extends QueryResultRow>(
    doing: string,
    text: string,
    values?: readonly unknown[],
  ): Promise<readonly R[]>;
  /** One or several statements, sent together. */
  run(doing: string, text: string): Promise<void>;
  /** The same, and the rows of the last one. */
  rows<R extends QueryResultRow>(doing: string, text: string): Promise<readonly R[]>;
}

/**
 * Logs in, works, and closes: one connection, whatever happens, and no password in anything it throws.
 *
 * Errors of the login: `TARGET_UNREACHABLE` (dns, tcp, timeout), `TARGET_REFUSES_TLS`, `TARGET_REFUSES_LOGIN`,
 * `TARGET_LACKS_GRANT`, `TARGET_BUSY`, `TARGET_REFUSED`.
 */
export async function withConnection<T>(
  ports: PostgresPorts,
  login: Login,
  purpose: ConnectionPurpose,
  work: (session: Session) => Promise<T>,
): Promise<T> {
  const { connectMs, statementMs } = timeoutsOf(ports);
  const dialled = dial(login.endpoint, ports.lookup);
  const client = newClient(login, dialled);
  // After the login `pg` reports a broken connection here as well; the statement that waits for it throws.
  client.on('error', () => undefined);
  const seen = (outcome: 'served' | 'refused' | 'failed'): void =>
    ports.onConnection?.({ purpose, role: login.role, outcome, ...portOf(dialled) });
  try {
    await connect(client, dialled, login, connectMs).catch((error: unknown) => {
      seen(isLockstepError(error, 'TARGET_REFUSES_LOGIN') ? 'refused' : 'failed');
      throw error;
    });
    seen('served');
    return await work(sessionOf(client, dialled, login, statementMs));
  } finally {
    await close(client, dialled);
  }
}

function newClient({ endpoint, database, role, password }: Login, dialled: Dialled): Client {
  let inClear = false;
  const client = new Client({
    host: endpoint.host,
    port: endpoint.port,
    user: role,
    database,
    application_name: 'lockstep',
    ssl: dialled.ssl,
    sslnegotiation: 'postgres',
    stream: () => dialled.socket,
    password: () => {
      // Whoever holds the port may ask for the password itself, or for its hash under a salt of his own.
      if (inClear) throw new Error('the server asked for more than SCRAM');
      return password.reveal();
    },
  });
  // Registered before `pg` listens, so it is called first. Over TLS the server has proved who it is.
  const refuse = (): void => void (inClear = dialled.ssl === false);
  client.connection.once('authenticationCleartextPassword', refuse);
  client.connection.once('authenticationMD5Password', refuse);
  return client;
}

async function connect(
  client: Client,
  dialled: Dialled,
  subject: LoginSubject,
  withinMs: number,
): Promise<void> {
  const limit = limitedTo(withinMs, dialled);
  try {
    await client.connect();
  } catch (error) {
    throw loginError({ ...subject, dialled, timedOut: limit.passed() }, error);
  } finally {
    limit.lift();
  }
}

function sessionOf(client: Client, dialled: Dialled, subject: LoginSubject, statementMs: number): Session {
  async function limited<T>(doing: string, ask: () => Promise<T>): Promise<T> {
    // The server is told to give up first, so that its answer says whether there was an effect.
    const limit = limitedTo(statementMs + 2000, dialled);
    try {
      return await ask();
    } catch (error) {
      throw statementError(subject, doing, error);
    } finally {
      limit.lift();
    }
  }
  return {
    subject,
    query: <R extends QueryResultRow>(doing: string, text: string, values: readonly unknown[] = []) =>
      limited(doing, async () => (await client.query<R>(text, [...values])).rows),
    run: (doing, text) =>
      limited(doing, async () => {
        await client.query(text);
      }),
    rows: <R extends QueryResultRow>(doing: string, text: string) =>
      limited(doing, async () => {
        // Of several statements `pg` gives a list of results, which its types do not know.
        const results: unknown = await client.query<R>(text);
        const last: unknown = Array.isArray(results) ? results.at(-1) : results;
        return (last as { readonly rows: readonly R[] }).rows;
      }),
  };
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

/** Says goodbye, so that the session is gone from the server when we return, but waits for no answer that does not come. */
async function close(client: Client, dialled: Dialled): Promise<void> {
  const limit = limitedTo(1000, dialled);
  if (!dialled.socket.destroyed) await client.end().catch(() => undefined);
  limit.lift();
  dialled.socket.destroy();
}

const portOf = (dialled: Dialled): { readonly localPort?: number } => {
  const localPort = dialled.localPort();
  return localPort === undefined ? {} : { localPort };
};
