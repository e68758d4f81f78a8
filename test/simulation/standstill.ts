/** A call that stands still until the test lets it go on. */
export interface Standstill {
  /** Whether somebody stands there now. */
  readonly isReached: boolean;
  /** Lets whoever stands there go on, and everybody after. */
  goOn(): void;
}

interface Waiting extends Standstill {
  isReached: boolean;
  readonly call: string;
  readonly moment: 'before' | 'after';
  readonly concerns: (given: readonly unknown[]) => boolean;
  readonly gone: Promise<void>;
}

/**
 * Places where the first invocation that comes by stands still, while all others pass: how a test makes a
 * process stale.
 */
export class Standstills {
  readonly #waiting: Waiting[] = [];

  /**
   * @param call a port and its method, as `target.disable`
   * @param moment before its effect, or after it and before its answer
   */
  at(
    call: string,
    moment: 'before' | 'after' = 'before',
    concerns: (given: readonly unknown[]) => boolean = () => true,
  ): Standstill {
    let goOn = (): void => undefined;
    const gone = new Promise<void>((resolve) => (goOn = resolve));
    const waiting: Waiting = { isReached: false, call, moment, concerns, gone, goOn };
    this.#waiting.push(waiting);
    return waiting;
  }

  async pass(call: string, moment: 'before' | 'after', given: readonly unknown[]): Promise<void> {
    const found = this.#waiting.find(
      (each) => !each.isReached && each.call === call && each.moment === moment && each.concerns(given),
    );
    if (!found) return;
    found.isReached = true;
    await found.gone;
  }
}
