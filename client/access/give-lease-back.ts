import { describeError, isLockstepError } from '../../lambdas/core/errors.ts';
import type { HolderPorts } from './lease-order.ts';
import type { OneLease } from './one-lease.ts';

/** How often it is looked for a new token. */
const LOOK_AGAIN_MS = 5_000;

/** How long a lease may be held on to for want of a token. */
export interface GivingBack {
  /** Aborts when nobody is there any more to try again. */
  readonly leaving: AbortSignal;
  /** Whether the next token is for what is still held. */
  readonly isTokenWanted: () => boolean;
}

/** Nothing was asked: the only token that is there is used up. */
export const lacksToken = (error: unknown): boolean => isLockstepError(error, 'TOKEN_SPENT');

/**
 * Gives a lease back. Where that goes wrong it is told, with the moment at which the lease ends by itself, and never thrown.
 * For want of a token it is tried again, behind whoever called, until then.
 */
export async function giveLeaseBack(lease: OneLease, ports: HolderPorts, how: GivingBack): Promise<void> {
  const error = await askRelease(lease, ports);
  if (error === undefined) return;
  const { leasable, expiresAt: until } = lease.view;
  const { code, message } = describeError(error);
  ports.tell({ what: 'not-given-back', leasable, lease: lease.id, why: `${message} (${code})`, until });
  if (lacksToken(error)) void tryAgain(lease, ports, how);
}

async function tryAgain(
  lease: OneLease,
  ports: HolderPorts,
  { leaving, isTokenWanted }: GivingBack,
): Promise<void> {
  for (;;) {
    await ports.pause(LOOK_AGAIN_MS, leaving);
    if (leaving.aborted || lease.isOver) return;
    if (!isTokenWanted() && !lacksToken(await askRelease(lease, ports))) return;
  }
}

/** What went wrong, if anything did. */
const askRelease = ({ id }: OneLease, { access }: HolderPorts): Promise<unknown> =>
  access.ask('release', { lease: id }).then(
    () => undefined,
    (error: unknown) => error,
  );
