import { PROVE_ALIAS } from '../contracts/lease-request.ts';
import { LockstepError } from '../core/errors.ts';
import type { LeaseCommandName } from '../core/ports/lease-functions.ts';

/**
 * Makes sure that a command came by a way that it may come by. IAM allows an alias without the function itself, and cannot
 * look into what is sent: so a function that is invoked by its alias `prove` proves and does nothing else, and one that is
 * invoked by any other alias or version does nothing at all.
 *
 * @param invokedFunctionArn as Lambda tells it: the ARN that was invoked, with its qualifier where it had one
 * Throws `NOT_SUPPORTED`.
 */
export function assertAllowedBy(invokedFunctionArn: string, command: LeaseCommandName): void {
  const [, , , , , , , qualifier] = invokedFunctionArn.split(':');
  if (qualifier === undefined) return;
  if (qualifier === PROVE_ALIAS && command === 'prove-authority') return;
  throw new LockstepError(
    'NOT_SUPPORTED',
    `the alias ${PROVE_ALIAS} of a lease function has its authority proved and does nothing else; no other alias does anything`,
  );
}
