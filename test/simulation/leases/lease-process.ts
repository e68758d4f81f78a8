import type { Inventory } from '../../../lambdas/core/credential.ts';
import type { AuditAppender } from '../../../lambdas/core/ports/audit.ts';
import type { Bus } from '../../../lambdas/core/ports/bus.ts';
import type { LeaseFunctions } from '../../../lambdas/core/ports/lease-functions.ts';
import type { LeaserCapabilities } from '../../../lambdas/core/ports/leaser.ts';
import type { Ledger, Outbox } from '../../../lambdas/core/ports/ledger.ts';
import type { Metrics } from '../../../lambdas/core/ports/metrics.ts';
import type { NewId, RandomBytes } from '../../../lambdas/core/ports/ids.ts';
import type { PolicyEngine } from '../../../lambdas/core/ports/policy-engine.ts';
import type { Timer } from '../../../lambdas/core/ports/timer.ts';
import type { Clock } from '../../../lambdas/core/time.ts';
import { grantLease } from '../../../lambdas/grant-lease/grant-lease.ts';
import type { GrantLease } from '../../../lambdas/grant-lease/grant-ports.ts';
import { publishOutbox } from '../../../lambdas/publish-outbox/publish-outbox.ts';
import { sweepLeases, type SweepLeases } from '../../../lambdas/sweep-leases/sweep-leases.ts';
import { faulty, type FaultPlan } from '../../fakes/faulty.ts';
import type { Judge } from '../../fakes/judge.ts';
import { rightfulLedger } from '../../fakes/rightful-ledger.ts';
import { INVOCATION_SECONDS } from '../simulated-process.ts';
import { stagedPort, type Staging } from '../staged-port.ts';

/** The ports as they are, the same for every process. */
export interface LeaseParts {
  readonly inventory: Inventory;
  readonly mark: string;
  readonly ledger: Ledger;
  readonly outbox: Outbox;
  readonly bus: Bus;
  readonly timer: Timer;
  readonly audit: AuditAppender;
  readonly leases: LeaseFunctions;
  readonly policy: PolicyEngine;
  readonly metrics: Metrics;
  readonly clock: Clock;
  readonly newId: NewId;
  readonly randomBytes: RandomBytes;
  readonly sleep: (milliseconds: number) => Promise<void>;
  readonly capabilitiesOf: (kind: string) => LeaserCapabilities | undefined;
  readonly judge: Judge;
}

/** A process that does one thing wrong, as a change of the code might make it. */
export type LeaseSabotage = (parts: LeaseParts) => LeaseParts;

/** One process of broker and sweeper over stores that outlive it: wired anew, with the weather on every call. */
export class LeaseProcess {
  readonly plan: FaultPlan;
  readonly grant: GrantLease;
  readonly sweep: SweepLeases;
  readonly publish: () => Promise<number>;
  readonly #staging: Staging;

  constructor(parts: LeaseParts, plan: FaultPlan, staging: Staging) {
    this.plan = plan;
    this.#staging = staging;
    const ledger = faulty('ledger', stagedPort('ledger', parts.ledger, staging), plan);
    const shared = {
      ...parts,
      audit: faulty('audit', stagedPort('audit', parts.audit, staging), plan),
      timer: faulty('timer', stagedPort('timer', parts.timer, staging), plan),
      leases: faulty('target', stagedPort('target', parts.leases, staging), plan),
    };
    const outbox = faulty('outbox', stagedPort('outbox', parts.outbox, staging), plan);
    const bus = faulty('bus', stagedPort('bus', parts.bus, staging), plan);
    this.grant = grantLease({
      ...shared,
      ledger: rightfulLedger(ledger, 'grant-lease', parts.judge),
      functionName: 'grant-lease',
    });
    this.sweep = sweepLeases({
      ...shared,
      ledger: rightfulLedger(ledger, 'sweep-leases', parts.judge),
      functionName: 'sweep-leases',
    });
    this.publish = () => publishOutbox(outbox, bus);
  }

  /** Runs one invocation. It dies when its time is up, as a Lambda does. */
  invoke<T>(work: () => Promise<T>): Promise<T> {
    const { time, turns } = this.#staging;
    return turns.invoke(time.elapsed + INVOCATION_SECONDS * 1000, work);
  }
}
