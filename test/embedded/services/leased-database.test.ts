import { describe, expect, it } from 'vitest';
import type { LeaseInUse } from '../../../client/access/held-lease.ts';
import { LeasedDatabase } from '../../../embedded/services/leased-database.ts';
import { LockstepError } from '../../../lambdas/core/errors.ts';
import { Secret } from '../../../lambdas/core/secret.ts';

/** Writes down what is done to the database, by whose login. */
function aDatabase() {
  const done: string[] = [];
  let login = 'nobody';
  const database = new LeasedDatabase({
    takeIntoUse: async ({ value }) => {
      login = value.reveal();
      done.push(`log in as ${login}`);
    },
    work: async (sql) => void done.push(`${sql} as ${login}`),
    end: async () => void done.push('end'),
  });
  return { database, done };
}

const aLease = (id: string) => {
  const lease: LeaseInUse = { id, value: new Secret(`login of ${id}`), egress: [], derivedKeys: new Map() };
  return { use: <T>(work: (given: LeaseInUse) => Promise<T>): Promise<T> => work(lease) };
};

describe('a database that is used by leases', () => {
  it('is logged in to once for each lease', async () => {
    const { database, done } = aDatabase();
    await database.work(aLease('one'), 'SELECT 1');
    await database.work(aLease('one'), 'SELECT 2');
    await database.work(aLease('two'), 'SELECT 3');
    expect(done).toEqual([
      'log in as login of one',
      'SELECT 1 as login of one',
      'SELECT 2 as login of one',
      'log in as login of two',
      'SELECT 3 as login of two',
    ]);
  });

  it('is not touched where the lease is over, though a login of before is still held', async () => {
    const { database, done } = aDatabase();
    await database.work(aLease('one'), 'SELECT 1');
    const over = { use: () => Promise.reject(new LockstepError('LEASE_OVER', 'it is over')) };
    await expect(database.work(over, 'SELECT 2')).rejects.toMatchObject({ code: 'LEASE_OVER' });
    expect(done).toHaveLength(2);
  });
});
