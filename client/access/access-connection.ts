import type { AccessAnswers, AccessAskName, AccessAsks } from '../../lambdas/contracts/access-requests.ts';
import type { Secret } from '../../lambdas/core/secret.ts';

type LeaseAnswer = AccessAnswers['lease'];
type Issued = Extract<LeaseAnswer, { readonly status: 'issued' }>;

/** A lease as it is handed over, its value wrapped from the moment that it arrives. */
export type IssuedLease = Omit<Issued, 'value'> & { readonly value: Secret };

/** What is answered to each ask, in the process that asked. */
export type AccessReplies = Omit<AccessAnswers, 'lease'> & {
  readonly lease: IssuedLease | Exclude<LeaseAnswer, Issued>;
};

/**
 * The way to the broker, as somebody. Every ask is sent once: whether it is asked again is decided by who knows what was
 * asked, since a lease whose answer was lost is handed over by nobody any more.
 *
 * Errors: the `LockstepError` of the broker; `NOTHING_REACHABLE` where there was no answer, or none of ours: what was asked
 * may have been done.
 */
export interface AccessConnection {
  ask<N extends AccessAskName>(ask: N, asks: AccessAsks[N]): Promise<AccessReplies[N]>;
}
