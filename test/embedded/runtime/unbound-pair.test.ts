import { describe, expect, it } from 'vitest';
import { unboundPair } from '../../../embedded/runtime/send-stranger.ts';
import type { Inventory } from '../../../lambdas/core/credential.ts';

const inventory = (bound: Readonly<Record<string, readonly string[]>>, ...workloads: readonly string[]) =>
  ({
    credentials: Object.entries(bound).map(([name, boundTo]) => ({
      name,
      boundTo,
      kind: name.startsWith('db') ? 'postgres' : 'random',
    })),
    workloads: workloads.map((name) => ({ name, principal: `embedded:${name}` })),
  }) as unknown as Pick<Inventory, 'credentials' | 'workloads'>;

describe('somebody who may not read something', () => {
  it('is found for a database login first', () => {
    expect(unboundPair(inventory({ hook: ['a'], db: ['a'] }, 'a', 'b'))).toEqual({
      workload: 'b',
      credential: 'db',
    });
  });

  it('is found for whatever else there is', () => {
    expect(unboundPair(inventory({ db: ['a', 'b'], hook: ['a'] }, 'a', 'b'))).toEqual({
      workload: 'b',
      credential: 'hook',
    });
  });

  it('is nobody where everybody may read everything, or nobody may read anything', () => {
    expect(unboundPair(inventory({ db: ['a'], hook: ['a'] }, 'a'))).toBeUndefined();
    expect(unboundPair(inventory({ db: [] }, 'a'))).toBeUndefined();
  });
});
