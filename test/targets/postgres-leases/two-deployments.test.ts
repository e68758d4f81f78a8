import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { OTHERS_AT_MOST } from '../../../lambdas/core/ports/leaser.ts';
import { MARK, OTHER_MARK } from '../../fakes/marks.ts';
import { newLeaseId } from '../../leasers/a-leasable.ts';
import { allOurs, issue, listed, requestOf } from '../../leasers/contract/subject.ts';
import { postgresLeaseBed, type PostgresLeaseBed } from './lease-bed.ts';

let bed: PostgresLeaseBed;
beforeAll(async () => {
  bed = await postgresLeaseBed();
}, 120_000);
afterAll(() => bed.stop());

/** Another deployment at the server, by the same authority: no missing right does what the mark has to do. */
const theirs = () => bed.under({ mark: OTHER_MARK });
const theirRoles = async () => (await bed.roles()).filter((role) => role.includes(OTHER_MARK));

describe('of another deployment at the same server', () => {
  it('a lease is not listed where nothing but its name says whose it is', async () => {
    const id = newLeaseId(OTHER_MARK);
    const { key, value } = await issue(theirs(), id);
    await bed.bed.sql(`COMMENT ON ROLE ${key} IS NULL`);
    expect((await allOurs(bed.under())).map((lease) => lease.key)).not.toContain(key);
    expect((await allOurs(theirs())).map((lease) => lease.key)).toContain(key);
    await theirs().leaser.end(requestOf(theirs(), id, 2));
    expect(await bed.tries(value)).toBe('refused');
  });

  it('graves stay when their time is over, whatever this one ends and lists, until that one looks', async () => {
    const id = newLeaseId(OTHER_MARK);
    await theirs().leaser.end(requestOf(theirs(), id, 1));
    await bed.bed.sql(`ALTER ROLE lockstep_x_${id} VALID UNTIL 'yesterday'`);
    await bed.leaser().end(bed.request(newLeaseId(), 1));
    await allOurs(bed.under());
    expect(await theirRoles()).toContain(`lockstep_x_${id}`);
    await allOurs(theirs());
    expect(await theirRoles()).not.toContain(`lockstep_x_${id}`);
  });

  it('a lease whose mark is next to ours in the order of names is told from ours, and pages end where ours end', async () => {
    const neighbours = [`${MARK.slice(0, -1)}9`, `${MARK.slice(0, -1)}b`].map((mark) => newLeaseId(mark));
    const ids = Array.from({ length: 5 }, () => newLeaseId());
    for (const id of [...neighbours, ...ids]) await bed.bed.sql(`CREATE ROLE lockstep_l_${id}`);
    const found = (await allOurs(bed.under())).map(({ leaseId }) => leaseId);
    expect(found.filter((id) => id !== undefined && ids.includes(id))).toEqual(ids.toSorted());
    expect(found.filter((id) => id !== undefined && neighbours.includes(id))).toEqual([]);
    for (const id of [...neighbours, ...ids]) await bed.bed.sql(`DROP ROLE lockstep_l_${id}`);
  });
});

describe('the other deployments at a server', () => {
  /** Roles under names of leases, as many as are wanted. */
  async function withRoles(names: readonly string[], look: () => Promise<void>): Promise<void> {
    const each = (verb: string): string => names.map((name) => `${verb} ROLE "lockstep_l_${name}"`).join(';');
    await bed.bed.sql(each('CREATE'));
    await look();
    await bed.bed.sql(each('DROP'));
  }

  it('are told of once each, however many leases they have, and so is what carries no mark', async () => {
    const marks = ['00000000', 'zzzzzzzz', OTHER_MARK];
    const names = marks.flatMap((mark) => Array.from({ length: 20 }, () => newLeaseId(mark)));
    await withRoles(
      [...names, newLeaseId(), 'x', 'xy', 'somebody', 'somebody~', 'somebody~~', 'sömeböd~'],
      async () => {
        const { others } = await listed(bed.under());
        expect([...others].toSorted()).toEqual([...marks, 'x', 'xy', 'somebody', 'sömeböd~'].toSorted());
      },
    );
  });

  it('are told of up to a number: whoever makes thousands of names makes no list longer', async () => {
    const names = Array.from({ length: 40 }, (_, index) => String(index).padStart(8, '0'));
    await withRoles(names, async () => {
      expect((await listed(bed.under())).others.size).toBe(OTHERS_AT_MOST);
    });
  });

  it('are found by as many steps over the index as there are of them, not by reading what they have', async () => {
    const many = Array.from({ length: 3000 }, () => newLeaseId(OTHER_MARK));
    await withRoles(many, async () => {
      await bed.bed.sql('VACUUM ANALYZE pg_authid');
      const ours = bed.under();
      const before = await indexReads();
      expect([...(await listed(ours)).others]).toEqual([OTHER_MARK]);
      expect((await indexReads()) - before).toBeLessThan(100);
    });
  });

  /** Rows that the index over names of roles has given out so far. */
  async function indexReads(): Promise<number> {
    await bed.bed.sql('SELECT pg_stat_force_next_flush()');
    const [row] = await bed.bed.sql<{ reads: number }>(
      `SELECT pg_catalog.pg_stat_get_tuples_returned('pg_authid_rolname_index'::regclass)::int
            + pg_catalog.pg_stat_get_tuples_returned('pg_authid'::regclass)::int AS reads`,
    );
    return row?.reads ?? Number.NaN;
  }
});
