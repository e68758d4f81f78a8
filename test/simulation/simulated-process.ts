import { wirePipeline, type Pipeline } from '../../embedded/pipeline/wire-pipeline.ts';
import type { PipelineParts } from '../../embedded/pipeline/pipeline-parts.ts';
import { faulty, outage, type FaultPlan, type FaultyPort } from '../fakes/faulty.ts';
import type { SimulatedTime } from './simulated-time.ts';
import type { Standstills } from './standstill.ts';
import type { Turns } from './turns.ts';
import type { Weather } from './weather.ts';

/** What one process runs on. */
export interface ProcessParts {
  /** The ports as they are, watched, and the same for every process. */
  readonly parts: PipelineParts;
  readonly plan: FaultPlan;
  readonly turns: Turns;
  readonly time: SimulatedTime;
  readonly weather: Weather;
  readonly standstills: Standstills;
  /** Calls that nobody answers now. */
  readonly outages: ReadonlySet<string>;
}

/** The longest a function runs, in seconds: shorter than every lock. */
export const INVOCATION_SECONDS = 40;
/** The longest that one call stands still. */
const STALL_SECONDS = 15;

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
    return faulty(name, this.#staged(name, port), this.plan);
  }

  /** Each call waits for its turn before its effect and again before its answer. */
  #staged<P extends object>(name: FaultyPort, port: P): P {
    const { standstills, outages } = this.#around;
    return new Proxy(port, {
      get: (target, property) => {
        const member: unknown = Reflect.get(target, property, target);
        if (typeof member !== 'function' || property === 'keyOf' || property === 'checkFirst') return member;
        const call = `${name}.${String(property)}`;
        return async (...given: readonly unknown[]) => {
          await this.#waitForTurn();
          await standstills.pass(call, 'before', given);
          if (outages.has(call)) throw outage(name, call);
          const answer: unknown = await Reflect.apply(member, target, given);
          await standstills.pass(call, 'after', given);
          await this.#waitForTurn();
          return answer;
        };
      },
    });
  }

  async #waitForTurn(): Promise<void> {
    const { turns, time, weather } = this.#around;
    if (!turns.isInterleaved) return;
    await turns.take();
    const left = turns.leftToLive(time.elapsed);
    if (!weather.strikes(weather.climate.stalls)) return;
    await time.sleep(Math.min(left, weather.random() * STALL_SECONDS * 1000));
    turns.leftToLive(time.elapsed);
  }
}
