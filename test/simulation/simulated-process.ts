import { wirePipeline, type Pipeline } from '../../embedded/pipeline/wire-pipeline.ts';
import type { PipelineParts } from '../../embedded/pipeline/pipeline-parts.ts';
import { faulty, type FaultPlan, type FaultyPort } from '../fakes/faulty.ts';
import { stagedPort, type Staging } from './staged-port.ts';

/** What one process runs on. */
export interface ProcessParts extends Staging {
  /** The ports as they are, watched, and the same for every process. */
  readonly parts: PipelineParts;
  readonly plan: FaultPlan;
}

/** The longest a function runs, in seconds: shorter than every lock. */
export const INVOCATION_SECONDS = 40;

/** One process of the pipeline over stores that outlive it: wired anew, with the weather on every call. */
export class SimulatedProcess {
  readonly plan: FaultPlan;
  readonly pipeline: Pipeline;
  /** The ports as this process sees them. */
  readonly wrapped: PipelineParts;
  readonly #around: ProcessParts;

  constructor(around: ProcessParts) {
    this.#around = around;
    this.plan = around.plan;
    this.wrapped = this.#wrap(around.parts);
    this.pipeline = wirePipeline(this.wrapped);
  }

  /** Runs one invocation. It dies when its time is up, as a Lambda does. */
  invoke<T>(work: (pipeline: Pipeline) => Promise<T>): Promise<T> {
    const { time, turns } = this.#around;
    return turns.invoke(time.elapsed + INVOCATION_SECONDS * 1000, () => work(this.pipeline));
  }

  #wrap(parts: PipelineParts): PipelineParts {
    const { vaultFor, rotatorFor, propagatorFor } = parts;
    return {
      ...parts,
      ledger: this.#port('ledger', parts.ledger),
      outbox: this.#port('outbox', parts.outbox),
      timer: this.#port('timer', parts.timer),
      bus: this.#port('bus', parts.bus),
      deadLetters: this.#port('bus', parts.deadLetters),
      chains: this.#port('audit', parts.chains),
      heads: this.#port('heads', parts.heads),
      signer: this.#port('signer', parts.signer),
      pager: this.#port('pager', parts.pager),
      vaultFor: (name) => this.#port('vault', vaultFor(name)),
      rotatorFor: (kind) => this.#port('target', rotatorFor(kind)),
      propagatorFor: (kind, keys) => this.#port('dependent', propagatorFor(kind, keys)),
    };
  }

  #port<P extends object>(name: FaultyPort, port: P): P {
    return faulty(name, stagedPort(name, port, this.#around), this.plan);
  }
}
