import { LockstepError } from '../core/errors.ts';
import { instant, secondsBetween } from '../core/time.ts';
import type { GrantPorts } from './grant-ports.ts';

/**
 * Refuses a request that a lease was made for: it is answered with a value once, whatever became of the answer. Throws
 * `LEASE_LIMIT` while that lease is in the making, `ALREADY_HANDED_OVER`, `LEASE_OVER`.
 */
export async function refuseRepeated(
  ports: Pick<GrantPorts, 'ledger' | 'clock'>,
  id: string,
): Promise<never> {
  const lease = (await ports.ledger.read('lease', id, 'lease'))?.body;
  if (lease?.phase === 'issuing') {
    const left = Math.max(1, Math.ceil(secondsBetween(instant(ports.clock()), lease.dueAt)));
    throw new LockstepError(
      'LEASE_LIMIT',
      `the lease of this request is being made, or was never handed over and ends in ${left} s; ask with a new request id`,
      { retryAfterSeconds: left },
    );
  }
  if (lease?.phase === 'live') {
    throw new LockstepError(
      'ALREADY_HANDED_OVER',
      `lease ${id} was handed over for this request, once; whoever lost it releases it and asks with a new request id`,
    );
  }
  throw new LockstepError(
    'LEASE_OVER',
    `the lease of this request is over (${lease?.end?.why ?? 'forgotten'}); ask with a new request id`,
  );
}
