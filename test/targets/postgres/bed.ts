import { randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client, type QueryResultRow } from 'pg';
import { readBootstrapSecret } from '../../../embedded/postgres/bootstrap-secret.ts';
import { loginAttempts, type LoginAttempt } from '../../../embedded/postgres/login-attempts.ts';
import { provision } from '../../../embedded/postgres/provision.ts';
import { readServerLog } from '../../../embedded/postgres/server-log.ts';
import { startServer, type RunningServer } from '../../../embedded/postgres/start-server.ts';
import { stopServer } from '../../../embedded/postgres/stop-server.ts';
import type { Credential } from '../../../lambdas/core/credential.ts';
import { isLockstepError } from '../../../lambdas/core/errors.ts';
import type { HeldVersion, RotatorRequest } from '../../../lambdas/core/ports/rotator.ts';
import type { Secret } from '../../../lambdas/core/secret.ts';
import { loginValueText, readLoginValue } from '../../../lambdas/postgres/login-value.ts';
import { newPassword } from '../../../lambdas/servers/new-password.ts';
import { postgresAuthorityRotator } from '../../../lambdas/rotators/postgres/postgres-authority-rotator.ts';
import { postgresRotator } from '../../../lambdas/rotators/postgres/postgres-rotator.ts';
import type { ConnectionSeen, PostgresPorts } from '../../../lambdas/postgres/ports.ts';
import { MARK } from '../../fakes/marks.ts';

export const AUTHORITY = 'rag_db_admin';
export const OWNER = 'rag_owner';
export const SLOTS: readonly [string, string] = ['rag_a', 'rag_b'];
export const DATABASE = 'rag';

const random = (length: number): Uint8Array => randomBytes(length);

/** A real PostgreSQL, provisioned as the example workspace has it, with everything it was told written down. */
export async function postgresBed(settings: Readonly<Record<string, string>> = {}): Promise<PostgresBed> {
  const folder = await mkdtemp(join(tmpdir(), 'lockstep-postgres-'));
  const quick = { fsync: 'off', log_statement: 'all', ...settings };
  const server = await startServer({ folder, lifetime: 'with-parent', settings: quick });
  const bed = new PostgresBed(server);
  await bed.provision();
  return bed;
}

export class PostgresBed {
  readonly server: RunningServer;
  /** Every connection that the rotators say they made. */
  readonly seen: ConnectionSeen[] = [];
  /** Every password that was ever made here. */
  readonly passwords = new Set<string>();
  /** What the vault would hold of the authority. */
  authority: { current: Secret; pending?: Secret };

  constructor(server: RunningServer) {
    this.server = server;
    this.authority = { current: this.authorityValue(newPassword(random)) };
  }

  get ports(): PostgresPorts {
    return {
      randomBytes: random,
      clock: () => new Date(),
      sleep,
      timeouts: { connectMs: 3000, statementMs: 5000, lockMs: 2000, settleMs: 60 },
      onConnection: (connection) => this.seen.push(connection),
    };
  }

  readonly rotator = (more: Partial<PostgresPorts> = {}) => postgresRotator({ ...this.ports, ...more });
  readonly authorityRotator = (more: Partial<PostgresPorts> = {}) =>
    postgresAuthorityRotator({ ...this.ports, ...more });

  async provision(): Promise<void> {
    const { password } = readLoginValue(this.authority.current);
    const databases = [
      { database: DATABASE, ownerRole: OWNER, slots: [SLOTS[0], SLOTS[1]] as [string, string] },
    ];
    await provision(this.server, { authority: { role: AUTHORITY, firstPassword: password }, databases });
  }

  authorityValue(password: Secret): Secret {
    this.passwords.add(password.reveal());
    return loginValueText({ ...this.place('postgres'), username: AUTHORITY, password });
  }

  /** The same value with other words in it. */
  rewritten = (value: Secret, more: { readonly port?: number; readonly username?: string }): Secret =>
    loginValueText({ ...readLoginValue(value), ...more });

  place = (dbname: string) => ({ host: '127.0.0.1', port: this.server.port, dbname });

  /** The `postgres` credential of the workspace. */
  credential(target: Readonly<Record<string, unknown>> = {}): Credential {
    const endpoint = { host: '127.0.0.1', port: this.server.port };
    return credentialOf('vector-store', 'postgres', 'two-slot', {
      endpoint,
      database: DATABASE,
      slots: SLOTS,
      ownerRole: OWNER,
      ...target,
    });
  }

  /** The `postgres-authority` of the workspace. */
  authorityCredential(target: Readonly<Record<string, unknown>> = {}): Credential {
    const endpoint = { host: '127.0.0.1', port: this.server.port };
    return credentialOf('rag-db-admin', 'postgres-authority', 'in-place', {
      endpoint,
      role: AUTHORITY,
      database: 'postgres',
      ...target,
    });
  }

  /** As the target function builds it: AWSCURRENT first, AWSPENDING only where that login is refused. */
  request(token: string, fence: number, credential = this.credential()): RotatorRequest {
    const withAuthority = async <T>(use: (value: Secret) => Promise<T>): Promise<T> => {
      const { current, pending } = this.authority;
      try {
        return await use(current);
      } catch (error) {
        if (!pending || !isLockstepError(error, 'TARGET_REFUSES_LOGIN')) throw error;
        return use(pending);
      }
    };
    return { environment: 'test', mark: MARK, credential, token, fence, withAuthority };
  }

  /** Issues and installs a version, as the first two steps do. */
  async install(token: string, fence: number, current: HeldVersion | undefined): Promise<HeldVersion> {
    const held = await this.issue(token, fence, current);
    await this.rotator().install(this.request(token, fence), held, current);
    return held;
  }

  async issue(token: string, fence: number, current: HeldVersion | undefined): Promise<HeldVersion> {
    const issued = await this.rotator().issue(this.request(token, fence), current);
    this.passwords.add(readLoginValue(issued.value).password.reveal());
    return { version: token, ...issued };
  }

  /** Runs SQL as the bootstrap superuser. */
  async sql<R extends QueryResultRow>(text: string, values: readonly unknown[] = []): Promise<readonly R[]> {
    const password = (await readBootstrapSecret(this.server.files)).reveal();
    const client = new Client({
      ...this.login('postgres', password, 'postgres'),
      application_name: 'test-superuser',
    });
    await client.connect();
    try {
      return (await client.query<R>(text, [...values])).rows;
    } finally {
      await client.end();
    }
  }

  /** A session as a dependent keeps it. The caller ends it; one that the server ends is no error. */
  async dependent(held: HeldVersion, applicationName = 'rag-api'): Promise<Client> {
    const { username, password, dbname } = readLoginValue(held.value);
    const client = new Client({
      ...this.login(username, password.reveal(), dbname),
      application_name: applicationName,
    });
    client.on('error', () => undefined);
    await client.connect();
    return client;
  }

  login = (user: string, password: string, database: string) => ({
    host: '127.0.0.1',
    port: this.server.port,
    ssl: false,
    user,
    password,
    database,
  });

  /** How a version fares with a client that is not ours: the SQLSTATE of its refusal, or `works`. */
  async tries(held: HeldVersion): Promise<string> {
    try {
      const client = await this.dependent(held, 'somebody');
      await client.end();
      return 'works';
    } catch (error) {
      return error instanceof Error && 'code' in error ? String(error.code) : 'no answer';
    }
  }

  async slot(role: string): Promise<{ readonly canLogin: boolean; readonly memory: unknown }> {
    const [row] = await this.sql<{ canLogin: boolean; comment: string | null }>(
      `SELECT rolcanlogin AS "canLogin", shobj_description(oid, 'pg_authid') AS comment FROM pg_roles WHERE rolname = $1`,
      [role],
    );
    const comment = row?.comment ? (JSON.parse(row.comment) as { lockstep?: unknown }) : undefined;
    return { canLogin: row?.canLogin ?? false, memory: comment?.lockstep };
  }

  /** Puts both slots back to how they were provisioned. */
  async reset(): Promise<void> {
    this.seen.length = 0;
    for (const slot of SLOTS) {
      await this.sql(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = $1`, [slot]);
      await this.sql(`ALTER ROLE ${slot} LOGIN PASSWORD NULL`);
      await this.sql(`COMMENT ON ROLE ${slot} IS NULL`);
    }
  }

  attempts = async (): Promise<readonly LoginAttempt[]> =>
    loginAttempts((await readServerLog(this.server.files.log)).lines);

  /** The log of the server, whole. */
  log = (): Promise<string> => readFile(this.server.files.log, 'utf8');

  async stop(): Promise<void> {
    await stopServer(this.server.files.folder);
    await rm(this.server.files.folder, { recursive: true, force: true });
  }
}

const credentialOf = (
  name: string,
  kind: string,
  strategy: Credential['strategy'],
  target: Readonly<Record<string, unknown>>,
): Credential => ({
  name,
  kind,
  family: 'postgres',
  strategy,
  owner: 'retrieval-team',
  ...(kind === 'postgres' ? { authority: 'rag-db-admin' } : {}),
  rotateEverySeconds: 604_800,
  boundTo: [],
  adopters: [],
  dependents: [],
  retire: { drainSeconds: 0, soakSeconds: 0, deadlineSeconds: 60, onDeadline: 'hold-and-page' },
  target,
});
