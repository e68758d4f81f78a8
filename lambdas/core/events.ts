import type { Page } from './ports/pager.ts';
import type { Instant } from './time.ts';

/** Why a rotation was asked for. */
export type Cause = 'cadence' | 'operator' | 'deploy' | 'leak' | 'breach' | 'backstop';

/** What changed for a dependent. */
export type Change = 'promoted' | 'unadopted' | 'rolled-back' | 'disabled';

/**
 * Everything that happens, as data: past tense, ids and versions, never a value. The key is the event's
 * type on the bus (`detail-type` in EventBridge).
 */
export interface EventDetails {
  /** A cadence came due. */
  'rotation.due': { readonly credential: string; readonly cause: Cause; readonly requestId: string };
  /** A rotation was admitted and waits to be started. */
  'rotation.requested': { readonly credential: string; readonly rotation: string };
  /** Something about a rotation changed, or its time has come: decide again. */
  'rotation.advanced': { readonly credential: string; readonly rotation: string };
  /** One dependent has to be told of one change. */
  'credential.changed': {
    readonly credential: string;
    readonly kind: string;
    readonly rotation: string;
    readonly change: Change;
    /** The version to use from now on. */
    readonly version: string;
    /** The version that it replaces; both work until `disabled` names the old one. */
    readonly replaces?: string;
    readonly dependent: string;
    readonly dependentKind: string;
    /** What an acknowledgement of this change has to name. */
    readonly expectation?: { readonly id: string; readonly nonce: string };
  };
  /** A dependent proved that it uses the version that is expected of it. */
  'dependent.acknowledged': {
    readonly credential: string;
    readonly rotation: string;
    readonly dependent: string;
  };
  /** One lease may have to be ended: its time has come, its holder released it, or it was never handed over. */
  'lease.due': { readonly lease: string };
  /**
   * Look at all leases that are due, at what waits to be ended, and at what targets have of ours; where a target is named,
   * only at what waits to be ended there.
   */
  'leases.due': { readonly target?: string };
  /** A credential was declared leaked: leases that stand for it end as well. */
  'credential.breached': { readonly credential: string; readonly by: string; readonly reason: string };
  /** On-call has to know. */
  'page.requested': { readonly page: Page };
  /** Compare vault, ledger and target; one credential, or all. */
  'reconcile.due': { readonly credential?: string };
  /** Sign a head over all audit chains. */
  'seal.due': Readonly<Record<never, never>>;
  /** Measure ages, queues and lags, and make the heartbeat read. */
  'pulse.due': Readonly<Record<never, never>>;
}

export type EventType = keyof EventDetails;

/** One event. `id` repeats when the same event is delivered again. */
export type LockstepEvent = {
  readonly [T in EventType]: {
    readonly id: string;
    readonly type: T;
    readonly at: Instant;
    readonly environment: string;
    readonly detail: EventDetails[T];
  };
}[EventType];

/** The event of one type. */
export type EventOf<T extends EventType> = Extract<LockstepEvent, { readonly type: T }>;

/** The credential an event is about, where it is about one. */
export function credentialOf(event: LockstepEvent): string | undefined {
  return 'credential' in event.detail ? event.detail.credential : undefined;
}
