import type { AccessInventory } from '../core/access/access-inventory.ts';
import type { CallingWorkload, Person } from '../core/access/caller.ts';
import type { Inventory } from '../core/credential.ts';
import { LockstepError } from '../core/errors.ts';

/** Whose identity of the embedded world made a proof. */
export interface EmbeddedIdentity {
  /** The runtime makes identities for workloads and for roles, apart from each other: their names may be the same. */
  readonly is: 'workload' | 'person';
  /** `embedded:<name>`. */
  readonly principal: string;
  /** What the person at this machine says they are called. */
  readonly session?: string;
}

/** Who has an identity of the embedded world. All who have one are one person: it is a file, and names nobody. Throws `NOT_BOUND`. */
export function embeddedCaller(
  { workloads }: Pick<Inventory, 'workloads'>,
  { roles }: AccessInventory,
  { is, principal, session }: EmbeddedIdentity,
): CallingWorkload | Person {
  const recognised = {
    proof: 'embedded',
    principal,
    ...(session === undefined ? {} : { session }),
    claims: {},
  } as const;
  if (is === 'workload') {
    const found = workloads.find((workload) => workload.principal === principal);
    if (found) return { ...recognised, is, name: found.name };
  } else {
    const held = roles.filter(({ principals }) => principals.includes(principal)).map(({ name }) => name);
    if (held.length > 0) return { ...recognised, is, name: principal, roles: held, mfa: false };
  }
  throw new LockstepError('NOT_BOUND', 'this identity is no workload, and of no role, of this environment');
}
