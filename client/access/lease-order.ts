import type { AccessConnection, IssuedLease } from './access-connection.ts';
import type { Clocks } from './broker-time.ts';
import type { Pause } from './pause.ts';
import type { AccessAsks } from '../../lambdas/contracts/access-requests.ts';
import type { NewId } from '../../lambdas/core/ports/ids.ts';
import type { Instant } from '../../lambdas/core/time.ts';

/** What is asked for. */
export type LeaseOrder = Omit<AccessAsks['lease'], 'requestId'>;

/** What holding a lease needs. */
export interface HolderPorts extends Clocks {
  readonly access: AccessConnection;
  readonly pause: Pause;
  readonly newId: NewId;
  /** Hears what becomes of it. Never anything secret. */
  readonly tell: (news: LeaseNews) => void;
}

/** What can become of a lease that is held. */
export type LeaseNews =
  | { readonly what: 'issued' | 'succeeded'; readonly leasable: string; readonly lease: string }
  | { readonly what: 'renewed'; readonly leasable: string; readonly lease: string; readonly until: Instant }
  /** Nothing holds it alive any more; it is used until it is over. */
  | { readonly what: 'refused'; readonly leasable: string; readonly why: string }
  | { readonly what: 'unreachable'; readonly leasable: string; readonly why: string }
  /** The last token is used up. A new one is waited for; what is held is used until then, if anything is. */
  | {
      readonly what: 'needs-token';
      readonly leasable: string;
      readonly why: string;
      readonly until?: Instant;
    }
  /** It ends by itself, unless there is a token in time and somebody is there to show it. */
  | {
      readonly what: 'not-given-back';
      readonly leasable: string;
      readonly lease: string;
      readonly why: string;
      readonly until: Instant;
    }
  | {
      readonly what: 'waiting';
      readonly leasable: string;
      readonly approval: string;
      readonly until: Instant;
    };

/** A request that waits for people. It has to be asked again as it was. */
export interface WaitingRequest {
  readonly requestId: string;
  readonly approval: string;
  readonly expiresAt: Instant;
}

/** What came of asking once. */
export type Asked =
  | { readonly status: 'issued'; readonly issued: IssuedLease }
  | { readonly status: 'waiting'; readonly waiting: WaitingRequest };

/** Asks for a lease, once; with `waiting`, for the one that waits for people. */
export async function askForLease(
  { access, newId }: Pick<HolderPorts, 'access' | 'newId'>,
  order: LeaseOrder,
  waiting?: WaitingRequest,
): Promise<Asked> {
  // A request whose answer was lost is asked under a new id: under the old one nobody gets its value any more.
  const requestId = waiting?.requestId ?? newId();
  const approval = waiting ? { approval: waiting.approval } : {};
  const reply = await access.ask('lease', { ...order, ...approval, requestId });
  return reply.status === 'issued'
    ? { status: 'issued', issued: reply }
    : {
        status: 'waiting',
        waiting: { requestId, approval: reply.approval, expiresAt: reply.expiresAt },
      };
}
