import { afterAll, beforeAll, expect, it } from 'vitest';
import { preparationStatements } from '../../../lambdas/rotators/postgres/preparation.ts';
import { AUTHORITY, postgresBed, type PostgresBed } from './bed.ts';

let bed: PostgresBed;
beforeAll(async () => {
  bed = await postgresBed();
});
afterAll(() => bed.stop());

it('an administrator who runs what is printed has everything that a rotation needs', async () => {
  // given a server of somebody else's, with names that need quoting and an authority that has nothing yet
  const endpoint = { host: '127.0.0.1', port: bed.server.port };
  const target = {
    endpoint,
    database: 'Their-Data',
    slots: ['Their_a', 'their-b'] as [string, string],
    ownerRole: 'The_Owner',
  };
  await bed.sql(`ALTER ROLE ${AUTHORITY} NOCREATEROLE`);
  await bed.sql(`REVOKE pg_read_all_stats, pg_signal_backend FROM ${AUTHORITY}`);
  const printed = preparationStatements(target, AUTHORITY);
  const creations = printed.filter((line) => line.startsWith('-- ') && !line.includes(AUTHORITY));
  for (const line of creations) await bed.sql(line.slice(3));

  // when it is run, twice
  const statements = printed.filter((line) => !line.startsWith('--'));
  for (const statement of [...statements, ...statements]) await bed.sql(statement);

  // then a version goes all the way round
  const credential = bed.credential(target);
  const request = (token: string, fence: number) => bed.request(token, fence, credential);
  const rotator = bed.rotator();
  const first = { version: 'v1', ...(await rotator.issue(request('v1', 0), undefined)) };
  await rotator.install(request('v1', 0), first, undefined);
  await rotator.verify(request('v1', 0), first);
  const second = { version: 'v2', ...(await rotator.issue(request('v2', 1), first)) };
  await rotator.install(request('v2', 1), second, first);
  await rotator.verify(request('v2', 1), second);
  expect([first.key, second.key]).toEqual(['Their_a', 'their-b']);
  expect(await rotator.disable(request('v2', 1), first)).toBe('disabled');
  const left = await bed.dependent(second);
  await rotator.stopNow(request('v2', 1), second);
  await expect(left.query('SELECT 1')).rejects.toThrow(/terminat|not queryable|closed/);
  await rotator.revoke(request('v2', 1), first);
  expect(await rotator.proveRefused(request('v2', 1), first)).toBe('refused');
});
