import { accessOf, type Leasable } from '../core/access/access-inventory.ts';
import { isLockstepError } from '../core/errors.ts';
import type { SweepPorts } from './sweep-ports.ts';

/** What can be leased at a target that can be asked for every lease of ours. */
export const listable = (ports: SweepPorts, target: string): readonly Leasable[] =>
  accessOf(ports.inventory).leasables.filter(
    ({ authority, kind }) => (authority ?? kind) === target && ports.capabilitiesOf(kind)?.listsOurs === true,
  );

/**
 * Whether a target lets us in at all: tells a target that is down, or refuses its lease authority, from leases that it
 * will not end. `undefined` where it can be asked nothing but to end leases.
 */
export async function doesAnswer(ports: SweepPorts, target: string): Promise<boolean | undefined> {
  const [leasable] = listable(ports, target);
  if (!leasable) return undefined;
  try {
    await ports.leases.call(leasable.kind, { do: 'list-ours', leasable: leasable.name });
    return true;
  } catch (error) {
    if (isLockstepError(error)) return false;
    throw error;
  }
}
