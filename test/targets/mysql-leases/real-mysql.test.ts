/**
 * Leases on a real MySQL, 8.0.21 or newer. It runs where one is named, because no package of ours brings one:
 *
 *     LOCKSTEP_MYSQL_SERVER=$(which mysqld) npx vitest run --project targets test/targets/mysql-leases
 *
 * It makes a data folder of its own, starts that server on a free port of this machine, and ends it. Settings that the
 * program needs besides (where its messages lie) go into `LOCKSTEP_MYSQL_SETTINGS`, apart by spaces.
 */
import type { LookupFunction } from 'node:net';
import { createConnection } from 'mysql2/promise';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LockstepError } from '../../../lambdas/core/errors.ts';
import { mysqlLeaseCapabilities } from '../../../lambdas/leasers/mysql/capabilities.ts';
import { newLeaseId } from '../../leasers/a-leasable.ts';
import { issue } from '../../leasers/contract/subject.ts';
import { describeLeaserContract } from '../../leasers/leaser-contract.ts';
import { describeMysqlAuthority } from '../../leasers/mysql/describe-authority.ts';
import { describeMysqlLeases } from '../../leasers/mysql/describe-leases.ts';
import {
  DATABASE,
  mysqlAuthority,
  mysqlSubject,
  newLeaser,
  rewritten,
  WRITER,
} from '../../leasers/mysql/subject.ts';
import { selfSigned } from '../../outbound/self-signed.ts';
import { startMysql, stopMysql, type RealMysql } from './bed.ts';
import { MARK } from '../../fakes/marks.ts';

const program = process.env['LOCKSTEP_MYSQL_SERVER'];
const HOST = 'mysql.test';
const certificate = selfSigned(HOST);

let real: RealMysql | undefined;
const theBed = (): RealMysql => {
  if (real) return real;
  throw new TypeError('there is no server');
};

const onThisMachine: LookupFunction = (_host, options, done) =>
  options.all === true ? done(null, [{ address: '127.0.0.1', family: 4 }]) : done(null, '127.0.0.1', 4);

async function proofOverTls(host: string, ca: string | undefined): Promise<string> {
  const { port } = theBed().server;
  const declared = mysqlAuthority({ host, port, ...(ca === undefined ? {} : { ca }) });
  try {
    const value = rewritten(theBed().value, { host });
    await newLeaser({ lookup: onThisMachine }).proveAuthority(declared, value);
    return 'none';
  } catch (error) {
    if (error instanceof LockstepError) return error.code;
    throw error;
  }
}

describe.runIf(program !== undefined)('leases on a real MySQL', () => {
  beforeAll(async () => {
    real = await startMysql(program ?? '', certificate);
  }, 120_000);
  afterAll(() => (real ? stopMysql(real) : undefined), 120_000);

  describeLeaserContract({
    name: 'a user of MySQL, on a real server,',
    capabilities: mysqlLeaseCapabilities,
    traits: ['sessions', 'authority', 'written', 'fresh-values'],
    shortSeconds: 1,
    make: async () => mysqlSubject(theBed().server, theBed().value),
  });

  describeMysqlLeases('a real server', theBed);
  describeMysqlAuthority('a real server', theBed);
});

describe.runIf(program !== undefined)('a real MySQL', () => {
  beforeAll(async () => {
    real = await startMysql(program ?? '', certificate);
  }, 120_000);
  afterAll(() => (real ? stopMysql(real) : undefined), 120_000);

  it('the certificate has to lead to the declared root, and to name the host', async () => {
    expect(await proofOverTls(HOST, certificate.cert)).toBe('none');
    expect(await proofOverTls('elsewhere.test', certificate.cert)).toBe('TARGET_REFUSES_TLS');
    expect(await proofOverTls(HOST, selfSigned(HOST).cert)).toBe('TARGET_REFUSES_TLS');
    expect(await proofOverTls(HOST, undefined)).toBe('TARGET_REFUSES_TLS');
    expect(await proofOverTls('127.0.0.1', certificate.cert)).toBe('NOT_SUPPORTED');
  });

  it('a lease over a network takes no login in plain text', async () => {
    const { server, value } = theBed();
    const subject = mysqlSubject(server, value, { lookup: onThisMachine });
    const endpoint = { host: HOST, port: server.port, ca: certificate.cert };
    const authority = { declared: mysqlAuthority(endpoint), value: rewritten(value, { host: HOST }) };
    const lease = await issue({ ...subject, authority }, newLeaseId(), 1);
    const { username, password } = JSON.parse(lease.value.reveal()) as Record<string, string>;
    const login = { host: '127.0.0.1', port: server.port, user: username ?? '', password: password ?? '' };
    await expect(createConnection(login)).rejects.toMatchObject({ errno: 1045 });
    const safely = await createConnection({
      ...login,
      ssl: { ca: certificate.cert, rejectUnauthorized: true },
    });
    await safely.end();
  });
});

describe.runIf(program !== undefined)('a real MySQL, and what a lease leaves there', () => {
  beforeAll(async () => {
    real = await startMysql(program ?? '', certificate);
  }, 120_000);
  afterAll(() => (real ? stopMysql(real) : undefined), 120_000);

  it('what a lease has defined keeps its user from being dropped, and has no rights any more', async () => {
    const { server } = theBed();
    const id = newLeaseId();
    const subject = { ...mysqlSubject(server, theBed().value) };
    const leasable = { ...subject.leasable, target: { ...subject.leasable.target, roles: [WRITER] } };
    const { value } = await issue({ ...subject, leasable }, id, 1);
    const login = JSON.parse(value.reveal()) as Record<string, string>;
    const holder = await createConnection({
      host: '127.0.0.1',
      port: server.port,
      user: login['username'] ?? '',
      password: login['password'] ?? '',
      database: DATABASE,
    });
    await holder.query('CREATE TABLE secrets (word TEXT)');
    await holder.query('CREATE SQL SECURITY DEFINER VIEW peep AS SELECT word FROM secrets');
    await holder.end();
    await subject.leaser.end({
      environment: 'test',
      mark: MARK,
      leasable,
      leaseId: id,
      fence: 2,
      ...authorityIn(subject),
    });
    await server.admin(`UPDATE mysql.user SET User_attributes =
      JSON_SET(User_attributes, '$.metadata.lockstep.until', 1) WHERE User = 'lease_${id}'`);
    await subject.leaser.listOurs(
      { environment: 'test', mark: MARK, leasable, ...authorityIn(subject) },
      undefined,
    );
    const left = await server.admin(
      `SELECT account_locked AS locked FROM mysql.user WHERE User = 'lease_${id}'`,
    );
    expect(left).toEqual([{ locked: 'Y' }]);
    await expect(server.admin(`SELECT * FROM ${DATABASE}.peep`)).rejects.toMatchObject({ errno: 1356 });
  });
});

const authorityIn = ({ authority }: ReturnType<typeof mysqlSubject>) =>
  authority === undefined ? {} : { authority };
