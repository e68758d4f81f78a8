import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { BOOTSTRAP_ROLE, readBootstrapSecret } from '../../../embedded/postgres/bootstrap-secret.ts';
import type { LeaseAuthority, Leasable } from '../../../lambdas/core/access/access-inventory.ts';
import type { IssuedLease, LeaserRequest } from '../../../lambdas/core/ports/leaser.ts';
import type { Secret } from '../../../lambdas/core/secret.ts';
import { postgresLeaser, type PostgresLeaserPorts } from '../../../lambdas/leasers/postgres/leaser.ts';
import { postgresLeaseSupply } from '../../../lambdas/leasers/postgres/supply.ts';
import { loginValueText, readLoginValue } from '../../../lambdas/postgres/login-value.ts';
import { newPassword } from '../../../lambdas/servers/new-password.ts';
import { leasableOf, leaseAuthorityOf } from '../../leasers/a-leasable.ts';
import type { LeaserUnderTest, OpenSession } from '../../leasers/contract/subject.ts';
import { issue, requestOf } from '../../leasers/contract/subject.ts';
import { newLeaseId } from '../../leasers/a-leasable.ts';
import { DATABASE, OWNER, postgresBed, type PostgresBed } from '../postgres/bed.ts';

export const LEASE_AUTHORITY = 'rag_lease_admin';
export const READER = 'rag_reader';
const random = (length: number): Uint8Array => new Uint8Array(randomBytes(length));

/** What a lease of the example workspace is: all of the owner's rights, and those of a reader. */
const TARGET = {
  database: DATABASE,
  grants: [{ role: OWNER, inherit: true, set: true }],
  ownerRole: OWNER,
  connectionLimit: 5,
};

/** A real PostgreSQL with rotated slots, and beside them an authority for leases, as an administrator prepares it. */
export async function postgresLeaseBed(
  settings: Readonly<Record<string, string>> = {},
): Promise<PostgresLeaseBed> {
  const bed = await postgresBed(settings);
  const leases = new PostgresLeaseBed(bed);
  await leases.prepare();
  return leases;
}

export class PostgresLeaseBed {
  readonly bed: PostgresBed;
  readonly declared: LeaseAuthority;
  value: Secret | undefined;

  constructor(bed: PostgresBed) {
    this.bed = bed;
    this.declared = this.authority();
  }

  authority = (target: Readonly<Record<string, unknown>> = {}): LeaseAuthority =>
    leaseAuthorityOf('postgres', {
      endpoint: { host: '127.0.0.1', port: this.bed.server.port },
      role: LEASE_AUTHORITY,
      database: 'postgres',
      roles: [OWNER, READER],
      ...target,
    });

  leasable = (target: Readonly<Record<string, unknown>> = {}): Leasable =>
    leasableOf('postgres', { ...TARGET, ...target }, { authority: this.declared.name });

  /** Runs what an administrator is told to run, the lines in comments included, and supplies a first value. */
  async prepare(): Promise<void> {
    const supply = postgresLeaseSupply;
    if (supply.how !== 'made-here') throw new TypeError('the password is made here');
    await this.bed.sql(`CREATE ROLE ${READER} NOLOGIN; CREATE ROLE ${LEASE_AUTHORITY} NOLOGIN`);
    for (const statement of supply.preparation(this.declared, [this.leasable()]))
      if (!statement.startsWith('--')) await this.bed.sql(statement);
    const { value, statements } = await supply.make(this.declared, random);
    for (const statement of statements) await this.bed.sql(statement);
    this.value = value;
  }

  theValue(): Secret {
    if (this.value) return this.value;
    throw new TypeError('the bed is not prepared');
  }

  leaser = (more: Partial<PostgresLeaserPorts> = {}) => postgresLeaser({ ...this.bed.ports, ...more });

  /** What the contract's suite wants of a kind. */
  under(more: Partial<LeaserUnderTest> = {}): LeaserUnderTest {
    const wrong = { ...readLoginValue(this.theValue()), password: newPassword(random) };
    return {
      leaser: this.leaser({ pageSize: 2 }),
      leasable: this.leasable(),
      authority: {
        declared: this.declared,
        value: this.theValue(),
        wrongValue: loginValueText(wrong),
      },
      tries: (value) => this.tries(value),
      opens: (value) => this.opens(value),
      clock: () => new Date(),
      pass: (seconds) => sleep(seconds * 1000),
      written: async () => (await this.bed.log()) + JSON.stringify(await this.catalogue()),
      newId: newLeaseId,
      cleanUp: async () => undefined,
      ...more,
    };
  }

  request = (leaseId: string, fence: number, more: Partial<LeaserUnderTest> = {}): LeaserRequest =>
    requestOf(this.under(more), leaseId, fence);

  issue = (leaseId: string, more: Partial<LeaserUnderTest> = {}): Promise<IssuedLease> =>
    issue(this.under(more), leaseId);

  /** The same server, as it is reached by another port. */
  through(port: number, more: Partial<PostgresLeaserPorts> = {}): LeaserUnderTest {
    const endpoint = { host: '127.0.0.1', port };
    const value = this.bed.rewritten(this.theValue(), { port });
    return this.under({
      leaser: this.leaser(more),
      authority: { declared: this.authority({ endpoint }), value },
      // Holders are not what is cut off.
      tries: (given) => this.tries(this.bed.rewritten(given, { port: this.bed.server.port })),
    });
  }

  /** A session as a holder has it. The caller ends it; one that the server ends is no error. */
  async holder(value: Secret, database?: string): Promise<Client> {
    const { username, password, dbname } = readLoginValue(value);
    const client = new Client(this.bed.login(username, password.reveal(), database ?? dbname));
    client.on('error', () => undefined);
    await client.connect();
    return client;
  }

  /** Somebody's session, by a password. */
  async login(role: string, password: string, database = 'postgres'): Promise<Client> {
    const client = new Client(this.bed.login(role, password, database));
    client.on('error', () => undefined);
    await client.connect();
    return client;
  }

  /** The superuser of the server, in a database. */
  async superuser(database: string): Promise<Client> {
    const password = (await readBootstrapSecret(this.bed.server.files)).reveal();
    const client = new Client(this.bed.login(BOOTSTRAP_ROLE, password, database));
    await client.connect();
    return client;
  }

  async tries(value: Secret): Promise<'works' | 'refused'> {
    try {
      const client = await this.holder(value);
      await client.query('SELECT 1');
      await client.end();
      return 'works';
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? error.code : undefined;
      if (code === '28P01' || code === '28000') return 'refused';
      throw error;
    }
  }

  async opens(value: Secret): Promise<OpenSession> {
    const client = await this.holder(value);
    return {
      works: () =>
        client.query('SELECT 1').then(
          () => true,
          () => false,
        ),
      close: () => client.end().catch(() => undefined),
    };
  }

  /** Every role of ours, graves included. */
  roles = async (): Promise<readonly string[]> =>
    (
      await this.bed.sql<{ role: string }>(
        `SELECT rolname AS role FROM pg_roles WHERE rolname LIKE 'lockstep\\_%' ORDER BY 1`,
      )
    ).map(({ role }) => role);

  catalogue = (): Promise<readonly object[]> =>
    this.bed.sql(
      `SELECT r.*, shobj_description(oid, 'pg_authid') AS comment FROM pg_roles r WHERE rolname LIKE 'lockstep\\_%'`,
    );

  stop = (): Promise<void> => this.bed.stop();
}
