import type { AuditPorts, AuditSubject } from '../core/audit/audited-effect.ts';
import type { AuditAction } from '../core/audit/record.ts';
import type { Inventory } from '../core/credential.ts';
import type { EventDetails, EventOf, EventType } from '../core/events.ts';
import { makeEvent } from '../core/make-event.ts';
import type { Bus, DeadLetters } from '../core/ports/bus.ts';
import type { Ledger } from '../core/ports/ledger.ts';
import type { Metrics } from '../core/ports/metrics.ts';
import type { TargetFunctions } from '../core/ports/targets.ts';
import type { Vault } from '../core/ports/vault.ts';

/** What carrying out orders needs from outside. No order reads a value. */
export interface OperatePorts extends AuditPorts {
  readonly inventory: Inventory;
  readonly ledger: Ledger;
  readonly vault: Pick<Vault, 'describe' | 'startRotation'>;
  readonly bus: Bus;
  readonly deadLetters: DeadLetters;
  readonly targets: TargetFunctions;
  readonly metrics: Metrics;
  readonly functionName: string;
  /** The ARN that RotateSecret is given for a family's target function. */
  readonly targetArn: (family: string) => string;
}

/** Who ordered, as the platform has verified it. */
export interface Operator {
  readonly name: string;
}

/** What became of an order: one sentence, and the facts behind it. */
export interface OrderAnswer {
  readonly said: string;
  readonly facts: Readonly<Record<string, unknown>>;
}

/** An event of this environment, now. */
export const eventNow = <T extends EventType>(
  ports: OperatePorts,
  type: T,
  detail: EventDetails[T],
): EventOf<T> =>
  makeEvent(
    { environment: ports.inventory.environment, clock: ports.clock, newId: ports.newId },
    type,
    detail,
  );

/** What the audit says of an order. */
export const orderSubject = (
  ports: OperatePorts,
  operator: Operator,
  action: AuditAction,
  {
    credential,
    reason,
    rotation,
  }: { readonly credential: string; readonly reason?: string; readonly rotation?: string },
): AuditSubject => ({
  chain: credential,
  action,
  who: { kind: 'operator', name: operator.name, via: ports.functionName },
  what: { credential, ...(rotation === undefined ? {} : { rotation }) },
  why: { cause: 'operator', ...(reason === undefined ? {} : { reason }) },
});
