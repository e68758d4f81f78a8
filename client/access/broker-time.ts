import type { Clock, Instant } from '../../lambdas/core/time.ts';

/** The two clocks of this machine. Neither is enough alone. */
export interface Clocks {
  /** Anybody may set it. */
  readonly clock: Clock;
  /** Milliseconds of a clock that nobody can set, and that may stand still while the machine sleeps. */
  readonly elapsed: () => number;
}

/** A moment on both clocks. */
export interface Mark {
  readonly wall: number;
  readonly elapsed: number;
}

export const mark = ({ clock, elapsed }: Clocks): Mark => ({ wall: clock().getTime(), elapsed: elapsed() });

/**
 * What time it is at the broker, or later: never earlier. A lease is over by the broker's clock, and this machine's may be
 * wrong, be set, or stand still. So time is counted from the moment the ask was sent, which is before the broker wrote
 * `issuedAt`, by whichever of our clocks says that more has passed.
 */
export class BrokerTime {
  readonly #clocks: Clocks;
  readonly #sent: Mark;
  readonly #issuedAt: number;

  constructor(clocks: Clocks, sent: Mark, issuedAt: Instant) {
    this.#clocks = clocks;
    this.#sent = sent;
    this.#issuedAt = Date.parse(issuedAt);
  }

  /** Milliseconds until then; nothing or less once it is reached. */
  until(moment: Instant): number {
    const now = mark(this.#clocks);
    const passed = Math.max(now.elapsed - this.#sent.elapsed, now.wall - this.#sent.wall);
    return Date.parse(moment) - (this.#issuedAt + passed);
  }
}
