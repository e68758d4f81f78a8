import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { createConnection, type Connection } from 'mysql2/promise';
import type { LeaseAuthority, Leasable } from '../../../lambdas/core/access/access-inventory.ts';
import { Secret } from '../../../lambdas/core/secret.ts';
import { mysqlLeaser } from '../../../lambdas/leasers/mysql/leaser.ts';
import type { MysqlLeaserPorts } from '../../../lambdas/leasers/mysql/ports.ts';
import { mysqlLeaseSupply } from '../../../lambdas/leasers/mysql/supply.ts';
import { leasableOf, leaseAuthorityOf, newLeaseId } from '../a-leasable.ts';
import type { LeaserUnderTest, OpenSession } from '../contract/subject.ts';

/** A row as a client of somebody else's gives it. */
export type Found = Readonly<Record<string, unknown>>;

/** A server, of whichever make, as its administrator sees it. */
export interface MysqlServer {
  readonly port: number;
  readonly admin: (sql: string) => Promise<readonly Found[]>;
  /** Everything that it has written down. */
  readonly written: () => Promise<string>;
}

export const AUTHORITY = 'lease_admin';
export const [DATABASE, READER, WRITER] = ['rag', 'rag_reader', 'rag_writer'];
const random = (length: number): Uint8Array => new Uint8Array(randomBytes(length));

const TARGET = { database: DATABASE, roles: [READER], connectionLimit: 5, from: '%' };

export const mysqlLeasable = (target: Readonly<Record<string, unknown>> = {}): Leasable =>
  leasableOf('mysql', { ...TARGET, ...target }, { authority: 'lease-admin' });

export const mysqlAuthority = (
  endpoint: { readonly host?: string; readonly port: number; readonly ca?: string },
  more: Readonly<Record<string, unknown>> = {},
): LeaseAuthority =>
  leaseAuthorityOf('mysql', {
    endpoint: { host: '127.0.0.1', ...endpoint },
    user: AUTHORITY,
    from: '%',
    roles: [READER, WRITER],
    exposesOthers: false,
    ...more,
  });

/** Prepares a server as an administrator is told to, and gives the value of its authority. */
export async function prepared({ port, admin }: MysqlServer): Promise<Secret> {
  const supply = mysqlLeaseSupply;
  if (supply.how !== 'made-here') throw new TypeError('the password is made here');
  const declared = mysqlAuthority({ port });
  const { value, statements } = await supply.make(declared, random);
  for (const line of [...supply.preparation(declared, [mysqlLeasable()]), ...statements])
    if (!line.startsWith('--')) await admin(line);
  return value;
}

export const rewritten = (value: Secret, more: Readonly<Record<string, unknown>>): Secret =>
  new Secret(JSON.stringify({ ...(JSON.parse(value.reveal()) as object), ...more }));

export const newLeaser = (more: Partial<MysqlLeaserPorts> = {}) =>
  mysqlLeaser({
    randomBytes: random,
    clock: () => new Date(),
    sleep,
    pageSize: 2,
    timeouts: { connectMs: 3000, statementMs: 3000, lockMs: 2000, settleMs: 60 },
    ...more,
  });

/** What the contract's suite wants of a kind. */
export function mysqlSubject(
  server: MysqlServer,
  value: Secret,
  more: Partial<MysqlLeaserPorts> = {},
): LeaserUnderTest {
  return {
    leaser: newLeaser(more),
    leasable: mysqlLeasable(),
    authority: {
      declared: mysqlAuthority({ port: server.port }),
      value,
      wrongValue: rewritten(value, { password: 'x'.repeat(40) }),
    },
    tries: async (held) => {
      try {
        await (await holderOf(held)).end();
        return 'works';
      } catch (error) {
        const number = error instanceof Error && 'errno' in error ? error.errno : undefined;
        if (number === 1045 || number === 3118) return 'refused';
        throw error;
      }
    },
    opens: async (held): Promise<OpenSession> => {
      const client = await holderOf(held);
      return {
        works: () =>
          client.query('SELECT 1').then(
            () => true,
            () => false,
          ),
        close: async () => client.destroy(),
      };
    },
    clock: () => new Date(),
    pass: (seconds) => sleep(seconds * 1000),
    written: server.written,
    newId: newLeaseId,
    cleanUp: async () => undefined,
  };
}

/** Logs in with nothing but a value. The caller ends it; one that the server ends is no error. */
export async function holderOf(value: Secret, port?: number): Promise<Connection> {
  const login = JSON.parse(value.reveal()) as {
    readonly port: number;
    readonly dbname?: string;
    readonly username: string;
    readonly password: string;
  };
  const client = await createConnection({
    host: '127.0.0.1',
    port: port ?? login.port,
    user: login.username,
    password: login.password,
    ...(login.dbname === undefined ? {} : { database: login.dbname }),
  });
  client.on('error', () => undefined);
  return client;
}
