import { LockstepError } from '../errors.ts';
import type { LeaserCapabilities } from '../ports/leaser.ts';
import type { Leasable } from './access-inventory.ts';

type Times = Pick<LeaserCapabilities, 'shortestSeconds' | 'longestSeconds'>;

/** The shortest and the longest that something is leased for at a time, by the inventory and by its kind. */
export const ttlLimits = ({ ttl }: Pick<Leasable, 'ttl'>, capabilities: Times | undefined) => ({
  shortestSeconds: capabilities?.shortestSeconds ?? 1,
  longestSeconds: Math.min(ttl.maximumSeconds, capabilities?.longestSeconds ?? Infinity),
});

/** The ttl of a lease, or of its renewal: as asked for, within what the inventory and the kind allow. Throws `TTL_REFUSED`. */
export function fittingTtl(
  leasable: Pick<Leasable, 'name' | 'ttl'>,
  capabilities: Times | undefined,
  asked: number | undefined,
): number {
  const { shortestSeconds: shortest, longestSeconds: longest } = ttlLimits(leasable, capabilities);
  const usual = Math.min(leasable.ttl.defaultSeconds, longest);
  const seconds = asked ?? usual;
  if (Number.isInteger(seconds) && seconds >= shortest && seconds <= longest) return seconds;
  throw new LockstepError(
    'TTL_REFUSED',
    `${leasable.name} is leased for ${shortest} to ${longest} whole seconds at a time; ask for one of these, or for none to have ${usual}`,
  );
}
