import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newLeaseId } from '../../leasers/a-leasable.ts';
import { inSeconds, issue, requestOf } from '../../leasers/contract/subject.ts';
import { codeOf } from '../../ports/under-test.ts';
import { cuttingProxy, type CuttingProxy } from '../postgres/cutting-proxy.ts';
import { postgresLeaseBed, type PostgresLeaseBed } from './lease-bed.ts';
import { MARK } from '../../fakes/marks.ts';

let bed: PostgresLeaseBed;
let proxy: CuttingProxy;
beforeAll(async () => {
  bed = await postgresLeaseBed();
  proxy = await cuttingProxy(bed.bed.server.port);
}, 120_000);
afterAll(async () => {
  await proxy.close();
  await bed.stop();
});

/** The last statement of a message, ended by a zero: the change is in the same one. */
const COMMIT = 'COMMIT\0';

/** What is at the server of one lease: its role, and its grave. */
const rolesOf = async (id: string): Promise<readonly string[]> =>
  (await bed.roles()).filter((role) => role.endsWith(id)).map((role) => role.slice(0, 11));

describe('an answer that is lost', () => {
  it.each([
    ['before', COMMIT, 'the change of an issue'],
    ['after', COMMIT, 'the change of an issue'],
    ['after', 'BEGIN', 'the look before it'],
  ] as const)('%s %s (%s): issued again, one works', async (when, text, _what) => {
    const under = bed.through(proxy.port);
    const id = newLeaseId();
    proxy.cut(text, when);
    expect(await codeOf(issue(under, id, 1))).toBe('TARGET_UNREACHABLE');
    expect(proxy.hasCut()).toBe(true);
    const { value } = await issue(under, id, 1);
    expect(await under.tries(value)).toBe('works');
    expect(await rolesOf(id)).toEqual(['lockstep_l_']);
  });

  it.each(['before', 'after'] as const)('%s the change of a renewal: renewed again, it is', async (when) => {
    const under = bed.through(proxy.port);
    const id = newLeaseId();
    const { value } = await issue(under, id, 1, 3);
    proxy.cut(COMMIT, when);
    const renew = () => under.leaser.renew(requestOf(under, id, 2), inSeconds(under, 600));
    expect(await codeOf(renew())).toBe('TARGET_UNREACHABLE');
    await renew();
    await sleep(3500);
    expect(await under.tries(value)).toBe('works');
  });

  const ENDS = ['NOLOGIN', 'pg_stat_activity', 'pg_shdepend', 'RENAME', '$graves$'];
  const cuts = ENDS.flatMap((text) => [['before', text] as const, ['after', text] as const]);

  it.each(cuts)('%s the message with %s: ended again, it has ended', async (when, text) => {
    const under = bed.through(proxy.port);
    const id = newLeaseId();
    const { value } = await issue(under, id, 1);
    const session = await bed.holder(bed.bed.rewritten(value, { port: bed.bed.server.port }));
    proxy.cut(text, when);
    expect(await codeOf(under.leaser.end(requestOf(under, id, 2)))).toBe('TARGET_UNREACHABLE');
    expect(proxy.hasCut()).toBe(true);
    await under.leaser.end(requestOf(under, id, 2));
    expect(await under.tries(value)).toBe('refused');
    expect(await codeOf(session.query('SELECT 1'))).toBe('foreign');
    expect(await rolesOf(id)).toEqual(['lockstep_x_']);
  });
});

describe('a process that stands still between its look and its change', () => {
  it('and wakes up when its lease has ended, has made nothing', async () => {
    const under = bed.through(proxy.port);
    const id = newLeaseId();
    const isHeld = proxy.hold('CREATE ROLE');
    const frozen = codeOf(issue(under, id, 1));
    const letGo = await isHeld;
    // The server undoes what stands still; until then an end waits for its turn, and says so.
    await expect
      .poll(() => codeOf(bed.leaser().end(bed.request(id, 2))), { timeout: 20_000, interval: 100 })
      .toBe('none');
    letGo();
    expect(await frozen).toMatch(/^TARGET_(BUSY|UNREACHABLE)$/);
    expect(await rolesOf(id)).toEqual(['lockstep_x_']);
  });

  it('between two parts of an end, is overtaken by another end, and does no harm', async () => {
    const under = bed.through(proxy.port);
    const [id, otherId] = [newLeaseId(), newLeaseId()];
    const [{ value }, other] = [await issue(under, id, 1), await issue(under, otherId, 1)];
    const isHeld = proxy.hold('pg_shdepend');
    const frozen = codeOf(under.leaser.end(requestOf(under, id, 2)));
    const letGo = await isHeld;
    await bed.leaser().end(bed.request(id, 3));
    letGo();
    expect(await frozen).toBe('none');
    expect([await under.tries(value), await under.tries(other.value)]).toEqual(['refused', 'works']);
    expect(await rolesOf(id)).toEqual(['lockstep_x_']);
  });
});

describe('many at once', () => {
  it('are made and ended, each its own', async () => {
    const under = bed.under();
    const ids = Array.from({ length: 24 }, newLeaseId);
    const issued = await Promise.all(ids.map((id) => issue(under, id, 1)));
    expect(await Promise.all(issued.map(({ value }) => under.tries(value)))).toEqual(ids.map(() => 'works'));
    await Promise.all(ids.map((id) => under.leaser.end(requestOf(under, id, 2))));
    expect(await Promise.all(issued.map(({ value }) => under.tries(value)))).toEqual(
      ids.map(() => 'refused'),
    );
    expect((await Promise.all(ids.map(rolesOf))).flat()).toEqual(ids.map(() => 'lockstep_x_'));
  });
});

describe('graves', () => {
  it('are cleared away once no issue can come any more, and not before', async () => {
    const [young, old] = [newLeaseId(), newLeaseId()];
    for (const id of [young, old]) await bed.leaser().end(bed.request(id, 1));
    await bed.bed.sql(`ALTER ROLE lockstep_x_${old} VALID UNTIL 'yesterday'`);
    await bed.leaser().end(bed.request(newLeaseId(), 1));
    expect([await rolesOf(young), await rolesOf(old)]).toEqual([['lockstep_x_'], []]);
  });

  it('that somebody holds on to are passed over, and those behind them go', async () => {
    const [kept, old] = [newLeaseId(), newLeaseId()];
    for (const id of [kept, old]) await bed.leaser().end(bed.request(id, 1));
    await bed.bed.sql(`CREATE SCHEMA s_${kept} AUTHORIZATION lockstep_x_${kept}`);
    for (const id of [kept, old]) await bed.bed.sql(`ALTER ROLE lockstep_x_${id} VALID UNTIL 'yesterday'`);
    const { leaser, leasable, authority } = bed.under();
    const request = {
      environment: 'test',
      mark: MARK,
      leasable,
      ...(authority === undefined ? {} : { authority }),
    };
    await leaser.listOurs(request, undefined);
    expect([await rolesOf(kept), await rolesOf(old)]).toEqual([['lockstep_x_'], []]);
  });
});
