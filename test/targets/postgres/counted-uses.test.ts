import { mkdirSync, rmdirSync } from 'node:fs';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { loginAttempts } from '../../../embedded/postgres/login-attempts.ts';
import { readServerLog } from '../../../embedded/postgres/server-log.ts';
import { AttemptLog, type Attempt } from '../../../embedded/services/attempt-log.ts';
import { DatabaseUser } from '../../../embedded/services/database-user.ts';
import type { ReadVersion } from '../../../embedded/services/workload-client.ts';
import { readLines } from '../../../embedded/view/read-lines.ts';
import { Secret } from '../../../lambdas/core/secret.ts';
import { inTempFolder } from '../../fakes/temp-folder.ts';
import { DATABASE, postgresBed, type PostgresBed } from './bed.ts';

const PASSWORD = 'fake-password-of-a-test';

let bed: PostgresBed;
beforeAll(async () => {
  bed = await postgresBed();
});
afterAll(() => bed.stop());

const folder = inTempFolder();
let user: DatabaseUser;
beforeEach(async () => {
  await bed.reset();
  for (const role of ['rag_a', 'rag_b']) await bed.sql(`ALTER ROLE ${role} LOGIN PASSWORD '${PASSWORD}'`);
  const log = new AttemptLog('rag-api', folder().at('service'), () => new Date());
  user = new DatabaseUser(log, { applicationName: 'rag-api', poolSize: 2, poolLifetimeSeconds: 60 });
});

const version = (username: string, password = PASSWORD): ReadVersion => {
  const { host, port } = bed.server;
  const text = JSON.stringify({ host, port, dbname: DATABASE, username, password });
  return { version: username, value: new Secret(text), fetchMs: 1 };
};
const attempts = (what: Attempt['what']): readonly Attempt[] =>
  (readLines(folder().at('service', 'attempts.jsonl')) as readonly Attempt[]).filter(
    (each) => each.what === what,
  );
const sessions = async (): Promise<readonly string[]> => {
  const rows = await bed.sql(
    "SELECT usename FROM pg_stat_activity WHERE application_name = 'rag-api' ORDER BY 1",
  );
  return rows.map((row) => String((row as { readonly usename: unknown }).usename));
};

/** Sessions end a moment after their client has gone. */
async function untilSessions(expected: readonly string[]): Promise<void> {
  await expect.poll(sessions, { timeout: 10_000 }).toEqual(expected);
}

describe("a service's uses of the database", () => {
  it('are counted with the port that the server has them under', async () => {
    const { next } = await readServerLog(bed.server.files.log);
    await user.takeIntoUse(version('rag_a'));
    await user.connectAnew('SELECT 1');
    await user.work('SELECT 1');
    await user.end();
    await untilSessions([]);
    const { lines } = await readServerLog(bed.server.files.log, next);
    const seen = loginAttempts(lines).filter(({ role }) => role === 'rag_a');
    expect(attempts('login').map(({ localPort }) => localPort)).toEqual(seen.map(({ port }) => port));
    expect(attempts('login')).toHaveLength(2);
    expect(attempts('statement')).toHaveLength(3);
    expect(attempts('statement').every(({ outcome }) => outcome === 'served')).toBe(true);
  });

  it('are counted as failed when they are refused, each of them, before anybody tries again', async () => {
    await expect(user.takeIntoUse(version('rag_a', 'another'))).rejects.toThrow('password');
    expect(attempts('login')).toMatchObject([{ key: 'rag_a', outcome: 'failed', code: '28P01' }]);
    await user.takeIntoUse(version('rag_a'));
    await expect(user.work('SELECT 1/0')).rejects.toThrow('division by zero');
    await expect(user.connectAnew('SELECT no_such_thing')).rejects.toThrow('no_such_thing');
    expect(attempts('statement').filter(({ outcome }) => outcome === 'failed')).toMatchObject([
      { code: '28P01' },
      { code: '22012' },
      { code: '42703' },
    ]);
    await user.end();
  });

  it('are of the new login alone when that was taken into use', async () => {
    await user.takeIntoUse(version('rag_a'));
    await user.work('SELECT 1');
    await user.takeIntoUse(version('rag_b'));
    await untilSessions(['rag_b']);
    expect(attempts('login').map(({ key }) => key)).toEqual(['rag_a', 'rag_b']);
    await user.end();
  });

  it('leave no session behind where the book of them cannot be written, as on a full disk', async () => {
    mkdirSync(folder().at('service', 'attempts.jsonl'), { recursive: true });
    await user.takeIntoUse(version('rag_a'));
    for (let n = 0; n < 10; n += 1) await user.connectAnew('SELECT 1');
    await untilSessions(['rag_a']);
    // and nothing is lost of what was counted meanwhile
    rmdirSync(folder().at('service', 'attempts.jsonl'));
    await user.connectAnew('SELECT 1');
    expect(attempts('login')).toHaveLength(12);
    await user.end();
    await untilSessions([]);
  });
});
