import { accessOf, type AccessInventory, type Leasable } from '../core/access/access-inventory.ts';
import { LockstepError } from '../core/errors.ts';
import type { GrantPorts } from './grant-ports.ts';

/** What was named, and whether there is such a thing. */
export interface Named {
  readonly leasable: Leasable;
  readonly isDeclared: boolean;
}

/**
 * What a request names. What there is not goes the same way as what there is, to the same refusal: policy knows nothing
 * that would allow it, and nobody can tell by the answer, nor by how long it took, that it was made up.
 */
export function findNamed(ports: Pick<GrantPorts, 'inventory'>, name: string): Named {
  const access = accessOf(ports.inventory);
  const declared = access.leasables.find((each) => each.name === name);
  return declared
    ? { leasable: declared, isDeclared: true }
    : { leasable: madeUp(name, access), isDeclared: false };
}

/** Refuses what there is not. Only whoever policy allows everything comes so far. */
export function assertDeclared({ leasable, isDeclared }: Named): void {
  if (isDeclared) return;
  throw new LockstepError(
    'UNKNOWN_LEASABLE',
    `the inventory declares nothing that is called ${leasable.name.slice(0, 64)} and can be leased`,
  );
}

/** Refuses what the inventory lets nobody use through the proxy. For whoever policy lets have it, be it with approvals. */
export function assertHasPlace({ name, egress }: Leasable): void {
  if (egress.length > 0) return;
  throw new LockstepError(
    'COMMAND_INVALID',
    `the inventory names no place where ${name} may be used through the proxy; nothing was leased, and nobody asked`,
  );
}

const madeUp = (name: string, { purposes }: AccessInventory): Leasable => ({
  name,
  kind: '',
  // No team has this name: names begin with a letter.
  owner: '',
  tier: 0,
  ttl: { defaultSeconds: 900, maximumSeconds: 3600, longestSeconds: 3600 },
  limits: { perPrincipal: 1, total: 1, perMinute: 1 },
  purposes: Object.keys(purposes),
  egress: [],
  target: {},
});
