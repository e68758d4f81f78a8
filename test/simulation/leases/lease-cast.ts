import type { Leasable } from '../../../lambdas/core/access/access-inventory.ts';
import type { Caller } from '../../../lambdas/core/access/caller.ts';
import type { Inventory } from '../../../lambdas/core/credential.ts';
import type { TableRule } from '../../fakes/table-policy.ts';
import { ACCESS, CALLERS, INVENTORY, LEASABLES } from '../../grant-lease/an-inventory.ts';

/** The longest that any lease lives without being renewed, in seconds. */
export const LONGEST_SECONDS = 1800;

const leasable = (name: string, more: Partial<Leasable>): Leasable => ({
  ...LEASABLES.store,
  name,
  ttl: { defaultSeconds: 300, maximumSeconds: LONGEST_SECONDS, longestSeconds: 3600 },
  // Low: so that whoever asks often waits, and what is not given back is missed.
  limits: { perPrincipal: 3, total: 5, perMinute: 60 },
  purposes: ['index'],
  ...more,
});

/** What can be leased in these stories, by the index that a deed names it by. */
export const LEASED = [
  leasable('store', { tier: 1, standsFor: 'vector-store' }),
  leasable('vault', { tier: 0 }),
  leasable('notes', { tier: 2 }),
] as const;

/** Who asks, by the index that a deed names them by. */
export const HOLDERS: readonly Caller[] = [
  CALLERS.indexer,
  { ...CALLERS.indexer, name: 'other', workload: 'other', principal: 'embedded:other' },
];

/** Who revokes. */
export const REVOKER: Caller = CALLERS.security;

export const LEASE_INVENTORY: Inventory = {
  ...INVENTORY,
  access: {
    ...ACCESS,
    agents: [
      ...ACCESS.agents,
      { name: 'other', owner: 'retrieval-team', workload: 'other', actsFor: 'itself' },
    ],
    purposeBindings: [
      { principal: 'agent:indexer', purposes: ['index'] },
      { principal: 'agent:other', purposes: ['index'] },
    ],
    leaseAuthorities: ACCESS.leaseAuthorities.map((each) => ({
      ...each,
      limits: { total: 9, perMinute: 120 },
    })),
    leasables: LEASED,
  },
};

export const LEASE_RULES: readonly TableRule[] = [
  { id: 'indexers-lease', who: ['Agent:indexer', 'Agent:other'], actions: ['lease', 'renew'] },
  { id: 'security-revokes', who: ['Role:security'], actions: ['revoke'] },
];
