import type { Dependent, RetirePolicy } from '../credential.ts';
import type { Instant } from '../time.ts';
import type { Adoption, EvidenceTrail, NegativeEvidence, StepName, VersionRef } from './rotation.ts';

/** What can happen to a rotation. */
export interface RotationEvents {
  /** The successor's value is in the vault as AWSPENDING. */
  issued: { readonly successor: VersionRef; readonly predecessor: VersionRef };
  /** The target accepts the successor. */
  installed: Readonly<Record<never, never>>;
  /** The successor was used at the target and worked; who is expected to adopt is frozen. */
  verified: {
    readonly dependents: readonly Dependent[];
    readonly retire: RetirePolicy;
    readonly observable: boolean;
    readonly expectation: string;
  };
  /** AWSCURRENT is on the successor. */
  promoted: Readonly<Record<never, never>>;
  /** One of the four steps failed; Secrets Manager will try the whole rotation again. */
  'step-failed': { readonly step: StepName; readonly code: string; readonly message: string };
  /** One event per dependent is in the outbox. */
  'fanned-out': Readonly<Record<never, never>>;
  /** A dependent proved that it uses the version that is expected of it (rolling back: the predecessor). */
  'dependent-adopted': { readonly dependent: string; readonly adoption: Adoption };
  /** The target was looked at; `inUse` where the version that is to go is still used. */
  observed: { readonly trails: Readonly<Record<string, EvidenceTrail>>; readonly inUse?: NegativeEvidence };
  /** Nobody is missing any more. */
  'adoption-completed': Readonly<Record<never, never>>;
  /** The deadline passed and the recorded policy was applied. */
  'deadline-decided': Readonly<Record<never, never>>;
  /** After adoption, the predecessor was seen in use: back to waiting. */
  'seen-in-use': {
    readonly evidence: NegativeEvidence;
    readonly unadopted: readonly string[];
    readonly expectation?: string;
  };
  /** The predecessor is disabled at the target, or the target cannot and the soak watches. */
  disabled: Readonly<Record<never, never>>;
  /** The predecessor (rolling back: the successor) is ended at the target. */
  revoked: { readonly refused: 'refused' | 'accepted' | 'unknown' };
  /** Given up before promotion; its token never has an effect again. Rolling back: the way back is given up. */
  abandoned: { readonly because: string };
  /** An operator or the deadline policy orders the way back. */
  'roll-back-ordered': { readonly by: string; readonly reason: string };
  /** The predecessor works and holds AWSCURRENT again. */
  restored: { readonly expectation: string };
  /** The credential leaked: this rotation ends where it stands. */
  breached: Readonly<Record<never, never>>;
}

export type RotationEventType = keyof RotationEvents;

/** One event with its moment. */
export type RotationEvent = {
  readonly [T in RotationEventType]: { readonly type: T; readonly at: Instant } & RotationEvents[T];
}[RotationEventType];

/** All event types, in the order of the table. */
export const ROTATION_EVENTS = [
  'issued',
  'installed',
  'verified',
  'promoted',
  'step-failed',
  'fanned-out',
  'dependent-adopted',
  'observed',
  'adoption-completed',
  'deadline-decided',
  'seen-in-use',
  'disabled',
  'revoked',
  'abandoned',
  'roll-back-ordered',
  'restored',
  'breached',
] as const satisfies readonly RotationEventType[];
