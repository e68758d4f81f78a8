import type { Temper } from '../../embedded/step-driver/driven.ts';
import { seededRandom } from '../fakes/counted-ids.ts';
import { FAULTS, FaultPlan, type Fault } from '../fakes/faulty.ts';
import { seededTemper, shuffled } from '../fakes/seeded-turbulence.ts';

/** How bad everything around the pipeline behaves. Shares are from 0 to 1; all 0 is a fine day. */
export interface Climate {
  readonly seed: number;
  /** Calls that are lost, or whose answer is. */
  readonly lost: number;
  /** Calls at which the process dies, before or after. */
  readonly deaths: number;
  /** Deliveries that come twice. */
  readonly repeated: number;
  readonly delaySeconds: number;
  readonly isShuffled: boolean;
  /** Steps that Secrets Manager invokes twice at once, and whole rotations that it replays. */
  readonly doubledSteps: number;
  readonly replays: number;
  /** Reads of the vault that do not see what was written a moment ago. */
  readonly stale: number;
  /** Whether calls of different invocations overtake each other. */
  readonly isInterleaved: boolean;
  /** Calls after which an invocation stands still for a while, others going on meanwhile. */
  readonly stalls: number;
}

/** A fine day: nothing fails, repeats or overtakes. */
export const FINE: Climate = {
  seed: 1,
  lost: 0,
  deaths: 0,
  repeated: 0,
  delaySeconds: 0,
  isShuffled: false,
  doubledSteps: 0,
  replays: 0,
  stale: 0,
  isInterleaved: false,
  stalls: 0,
};

/** The climate, as it strikes one call after another. */
export class Weather {
  readonly climate: Climate;
  readonly random: () => number;
  readonly #temper: Temper;
  #isCalm = false;
  #appointed: { callsAway: number; readonly fault: Fault } | undefined;

  constructor(climate: Climate) {
    this.climate = climate;
    this.random = seededRandom(climate.seed);
    const { seed, doubledSteps, replays } = climate;
    this.#temper = seededTemper(seed + 1, { doubled: doubledSteps, replayed: replays, mostReplays: 3 });
  }

  get isCalm(): boolean {
    return this.#isCalm;
  }

  /** Nothing strikes while it is hushed. */
  hush(isCalm: boolean): void {
    this.#isCalm = isCalm;
  }

  /** True in that share of the askings. */
  strikes(share: number): boolean {
    return share > 0 && !this.#isCalm && this.random() < share;
  }

  copies(): number {
    return this.strikes(this.climate.repeated) ? 2 : 1;
  }

  delaySeconds(): number {
    const { delaySeconds } = this.climate;
    return delaySeconds > 0 && !this.#isCalm ? Math.floor(this.random() * (delaySeconds + 1)) : 0;
  }

  /** What is started now: all in order, or some in any order. */
  order<T>(due: readonly T[]): readonly T[] {
    if (!this.climate.isShuffled || this.#isCalm) return due;
    return shuffled(due, this.random).slice(0, 1 + Math.floor(this.random() * due.length));
  }

  get temper(): Temper {
    return {
      copies: (step, token) => (this.#isCalm ? 1 : (this.#temper.copies?.(step, token) ?? 1)),
      replayAfter: (step, token) => !this.#isCalm && (this.#temper.replayAfter?.(step, token) ?? false),
      copiesValueForTest: (token) => this.#temper.copiesValueForTest?.(token) ?? false,
    };
  }

  /** The faults of one process. */
  plan(): FaultPlan {
    return new FaultPlan(() => this.#fault());
  }

  /** The n-th call from now on meets this fault, whatever the climate. */
  appoint(callsAway: number, fault: Fault): void {
    this.#appointed = { callsAway, fault };
  }

  /** Whether an appointed fault has not come yet. */
  get isAppointed(): boolean {
    return this.#appointed !== undefined;
  }

  #fault(): Fault | undefined {
    if (this.#appointed) {
      this.#appointed.callsAway -= 1;
      const { callsAway, fault } = this.#appointed;
      if (callsAway > 0) return undefined;
      this.#appointed = undefined;
      return fault;
    }
    const { lost, deaths } = this.climate;
    if (this.strikes(deaths)) return FAULTS[2 + Math.floor(this.random() * 2)];
    return this.strikes(lost) ? FAULTS[Math.floor(this.random() * 2)] : undefined;
  }
}
