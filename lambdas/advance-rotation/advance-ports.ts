import type { AuditPorts, AuditSubject } from '../core/audit/audited-effect.ts';
import type { AuditAction } from '../core/audit/record.ts';
import { type Credential, type Inventory } from '../core/credential.ts';
import type { EventDetails, EventOf, EventType } from '../core/events.ts';
import { findCredential } from '../core/find-credential.ts';
import { makeEvent } from '../core/make-event.ts';
import type { Ledger } from '../core/ports/ledger.ts';
import type { Metrics } from '../core/ports/metrics.ts';
import type { TargetFunctions } from '../core/ports/targets.ts';
import type { Timer } from '../core/ports/timer.ts';
import type { RotationEvent } from '../core/rotation/events.ts';
import { assertUnturned, recordTransition } from '../core/rotation/record-transition.ts';
import type { Rotation } from '../core/rotation/rotation.ts';
import type { Instant } from '../core/time.ts';

/** What moves a rotation after promotion needs from outside. It reads no value and reaches no target by itself. */
export interface AdvancePorts extends AuditPorts {
  readonly inventory: Inventory;
  readonly ledger: Ledger;
  readonly timer: Timer;
  readonly targets: TargetFunctions;
  readonly metrics: Metrics;
  readonly functionName: string;
  /** Since when this pipeline works, where it may have been away: deadlines count from there at the earliest. */
  readonly upSince?: Instant;
}

/** An event of this environment, now. */
export const eventNow = <T extends EventType>(
  ports: AdvancePorts,
  type: T,
  detail: EventDetails[T],
): EventOf<T> =>
  makeEvent(
    { environment: ports.inventory.environment, clock: ports.clock, newId: ports.newId },
    type,
    detail,
  );

/** Applies an event to a rotation, as long as it still stands as it did when that was decided. */
export function advance(
  { ledger }: Pick<AdvancePorts, 'ledger'>,
  decided: Rotation,
  event: RotationEvent,
  alongside: Parameters<typeof recordTransition>[4] = () => ({}),
): Promise<Rotation> {
  return recordTransition(ledger, decided.credential, decided.token, event, (after, before) => {
    assertUnturned(decided, before);
    return alongside(after, before);
  });
}

/** The credential that a rotation changes. */
export const credentialOf = (ports: AdvancePorts, rotation: Rotation): Credential =>
  findCredential(ports.inventory, rotation.credential);

/** What the audit says of a decision about a rotation. */
export const decisionSubject = (
  ports: AdvancePorts,
  rotation: Rotation,
  action: AuditAction,
  details: { readonly dependent?: string; readonly version?: string; readonly reason?: string } = {},
): AuditSubject => {
  const { dependent, version, reason } = details;
  return {
    chain: rotation.credential,
    action,
    who: { kind: 'policy', name: ports.functionName },
    what: {
      credential: rotation.credential,
      rotation: rotation.token,
      ...(version === undefined ? {} : { version }),
      ...(dependent === undefined ? {} : { dependent }),
    },
    why: { cause: rotation.cause, ...(reason === undefined ? {} : { reason }) },
  };
};
