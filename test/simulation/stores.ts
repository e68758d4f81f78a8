import type { PipelineParts } from '../../embedded/pipeline/pipeline-parts.ts';
import { verifyEd25519 } from '../../embedded/signer/verify-ed25519.ts';
import { StepDriver } from '../../embedded/step-driver/step-driver.ts';
import { heartbeatSecret } from '../../lambdas/contracts/names.ts';
import { secretName, type Credential, type Inventory } from '../../lambdas/core/credential.ts';
import { describeError } from '../../lambdas/core/errors.ts';
import type { Rotator } from '../../lambdas/core/ports/rotator.ts';
import type { StepRequest } from '../../lambdas/core/ports/targets.ts';
import type { Discrepancy } from '../../lambdas/reconcile/reconcile-ports.ts';
import { countedIds } from '../fakes/counted-ids.ts';
import { CountingMetrics } from '../fakes/counting-metrics.ts';
import { ProcessDied } from '../fakes/faulty.ts';
import { Judge } from '../fakes/judge.ts';
import { MARK } from '../fakes/marks.ts';
import { MemoryAudit, MemoryHeads } from '../fakes/memory-audit.ts';
import { MemoryLedger } from '../fakes/memory-ledger.ts';
import { MemoryTarget } from '../fakes/memory-target.ts';
import { MemoryTimer } from '../fakes/memory-timer.ts';
import { MemoryRotationJobs, MemoryVault } from '../fakes/memory-vault.ts';
import { RecordingPager } from '../fakes/recording-pager.ts';
import { seededSigner } from '../fakes/seeded-signer.ts';
import { AuditWatch } from './audit-watch.ts';
import { capabilitiesOf, shapeOf, type Casting } from './cast.ts';
import { castDependents } from './cast-dependents.ts';
import { Oracle } from './oracle.ts';
import { SimulatedBus } from './simulated-bus.ts';
import type { SimulatedDependent } from './simulated-dependent.ts';
import type { SimulatedProcess } from './simulated-process.ts';
import { SimulatedTime } from './simulated-time.ts';
import {
  authorityGate,
  watchedChains,
  watchedLedger,
  watchedRotator,
  watchedVault,
} from './watched-ports.ts';
import type { Weather } from './weather.ts';

/** What the stores are given. */
export interface StoresOptions {
  readonly casting: Casting;
  readonly inventory: Inventory;
  readonly weather: Weather;
  /** The process of this moment: whoever calls from outside reaches that one. */
  readonly process: () => SimulatedProcess;
  /** Makes the pipeline do wrong: what a negative control plays, to see whether anybody notices. */
  readonly sabotage?: Sabotage;
}

/** Changes what the pipeline is wired to. What looks on stands behind it, and sees what comes of it. */
export type Sabotage = (parts: PipelineParts) => PipelineParts;

/** Seconds that a lock lasts: longer than an invocation lives. */
const LOCK_SECONDS = 60;
/** A read that does not see the last write is that old at most, in milliseconds. */
const STALE_MS = 2000;

/** Everything that outlives a process: stores, targets, dependents, and Secrets Manager itself. */
export class Stores {
  readonly judge = new Judge();
  readonly time = new SimulatedTime();
  readonly newId = countedIds(1);
  readonly signer = seededSigner();
  readonly ledger = new MemoryLedger(this.judge);
  readonly audit = new MemoryAudit(this.judge);
  readonly heads = new MemoryHeads();
  readonly pager = new RecordingPager(this.judge);
  readonly metrics = new CountingMetrics(this.judge);
  readonly watch = new AuditWatch(() => this.time.elapsed);
  /** What reconcile has found so far. */
  readonly discrepancies: Discrepancy[] = [];
  /** Calls that nobody answers now, as `vault.read`: an outage that a test begins and ends. */
  readonly outages = new Set<string>();
  readonly dependents: readonly SimulatedDependent[];
  readonly vault: MemoryVault;
  readonly timer: MemoryTimer;
  readonly bus: SimulatedBus;
  readonly oracle: Oracle;
  readonly driver: StepDriver;
  readonly parts: PipelineParts;
  readonly #options: StoresOptions;
  readonly #targets: ReadonlyMap<string, MemoryTarget>;
  readonly #lastWriteAt = new Map<string, number>();

  constructor(options: StoresOptions) {
    const { inventory, weather } = options;
    const { time, judge } = this;
    this.#options = options;
    this.#targets = new Map(inventory.credentials.map(({ kind }) => [kind, this.#target(kind)]));
    this.vault = new MemoryVault({
      judge,
      isStale: (secret) => this.#isStale(secret),
      onWrite: ({ secret }) => void this.#lastWriteAt.set(secret, time.elapsed),
      startRotation: (arn, start) => this.driver.start(arn, start),
    });
    for (const { name } of inventory.credentials)
      this.vault.createSecret(secretName(inventory.environment, name));
    this.vault.createSecret(heartbeatSecret(inventory.environment));
    this.bus = new SimulatedBus({
      time,
      judge,
      weather,
      handle: async (handler, event) => {
        await options.process().invoke(async ({ handlers }) => handlers[handler]?.(event));
      },
      onForeignError: (error) => this.oracle.violated(`an error that is none of ours: ${String(error)}`),
    });
    this.timer = new MemoryTimer(time.now, (events) => this.bus.publish(events), judge);
    this.driver = this.#driver();
    this.dependents = castDependents(this, options);
    this.oracle = new Oracle({ ...this.#seen(), dependents: this.dependents });
    this.parts = options.sabotage?.(this.#parts()) ?? this.#parts();
  }

  readonly targetOf = ({ kind }: Pick<Credential, 'kind'>): MemoryTarget => {
    const found = this.#targets.get(kind);
    if (!found) throw new RangeError(`no target of kind ${kind}`);
    return found;
  };

  #seen() {
    const { vault, ledger, targetOf, watch } = this;
    return { inventory: this.#options.inventory, vault, ledger, targetOf, audit: watch };
  }

  #target(kind: string): MemoryTarget {
    return new MemoryTarget({
      shape: shapeOf(kind),
      clock: this.time.now,
      judge: this.judge,
      capabilities: capabilitiesOf(kind, this.#options.casting),
      // Before the world is whole (first values by hand) there is nobody who could be harmed.
      onChange: (_live, credential) => this.oracle.checkInstant(`a change at the target of ${credential}`),
    });
  }

  /** Secrets Manager: it outlives every process of ours, and calls whichever there is. */
  #driver(): StepDriver {
    const { weather, process } = this.#options;
    return new StepDriver({
      vault: this.vault.driven,
      jobs: new MemoryRotationJobs(),
      invoke: (request) => this.#step(process, request),
      sleep: this.time.sleep,
      newId: countedIds(9),
      random: weather.random,
      retries: { maxAttempts: 4, baseSeconds: 4, capSeconds: 60 },
      concurrency: 4,
      temper: weather.temper,
    });
  }

  async #step(process: () => SimulatedProcess, request: StepRequest): Promise<void> {
    try {
      await process().invoke((pipeline) => pipeline.step(request));
    } catch (error) {
      if (error instanceof ProcessDied) throw error;
      const { code, message } = describeError(error);
      if (code === 'UNEXPECTED') this.oracle.violated(`an error that is none of ours: ${String(error)}`);
      this.judge.inspect('the error of a step', message);
      throw error;
    }
  }

  /** The vault promises no read of one's own write, for a moment. */
  #isStale(secret: string): boolean {
    const { weather } = this.#options;
    const age = this.time.elapsed - (this.#lastWriteAt.get(secret) ?? Number.NEGATIVE_INFINITY);
    return age <= STALE_MS && weather.strikes(weather.climate.stale);
  }

  #parts(): PipelineParts {
    const { inventory, weather } = this.#options;
    const { oracle, signer } = this;
    const ledger = watchedLedger(this.ledger, oracle);
    const vault = watchedVault(this.vault, inventory, oracle, () => this.time.elapsed);
    const gate = authorityGate(this.targetOf, inventory);
    const rotators = new Map<string, Rotator>(
      [...this.#targets].map(([kind, target]) => [kind, watchedRotator(target, gate, oracle)]),
    );
    return {
      inventory,
      mark: MARK,
      ledger,
      outbox: this.ledger,
      timer: this.timer,
      bus: this.bus,
      deadLetters: this.bus,
      chains: watchedChains(this.audit, this.watch),
      heads: this.heads,
      signer,
      verifySignature: async (message, signature) =>
        verifyEd25519(await signer.publicKey())(message, signature),
      metrics: this.metrics,
      pager: this.pager,
      vaultFor: () => vault,
      catalog: { list: async () => [] },
      rotatorFor: (kind) => {
        const found = rotators.get(kind);
        if (!found) throw new RangeError(`no rotator of kind ${kind}`);
        return found;
      },
      propagatorFor: () => this.#propagator(),
      clock: this.time.now,
      newId: this.newId,
      random: weather.random,
      sleep: (milliseconds) => this.time.sleep(milliseconds),
      onDiscrepancy: (found) => void this.discrepancies.push(found),
      limits: { lockSeconds: LOCK_SECONDS, stuckAfterSeconds: 900, orphansEverySeconds: 600 },
    };
  }

  #propagator(): ReturnType<PipelineParts['propagatorFor']> {
    return {
      tell: async (dependent, notice) => {
        this.judge.inspect(`notice ${notice.id}`, notice);
        const told = this.dependents.find(
          (each) => each.credential === notice.credential && each.declared.name === dependent.name,
        );
        told?.tell(notice);
        return 'told';
      },
    };
  }
}
