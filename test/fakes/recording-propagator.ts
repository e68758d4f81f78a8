import type { Dependent } from '../../lambdas/core/credential.ts';
import type { Notice, Propagator, Told } from '../../lambdas/core/ports/propagator.ts';
import { Judge, stored } from './judge.ts';

/** `Propagator` that remembers. Judges: a notice id that comes back with another content, a secret in a notice. */
export class RecordingPropagator implements Propagator {
  readonly judge: Judge;
  readonly #notices: Notice[] = [];
  readonly #contents = new Map<string, string>();
  #next: (() => void) | undefined;

  constructor(judge: Judge = new Judge()) {
    this.judge = judge;
  }

  async tell(dependent: Dependent, notice: Notice): Promise<Told> {
    this.judge.inspect(`notice ${notice.id}`, notice);
    this.judge.demand(notice.dependent === dependent.name, `notice ${notice.id} went to ${dependent.name}`);
    const text = JSON.stringify(notice);
    const before = this.#contents.get(notice.id) ?? text;
    this.judge.demand(before === text, `notice ${notice.id} was sent again with another content`);
    this.#contents.set(notice.id, text);
    const trouble = this.#next;
    this.#next = undefined;
    trouble?.();
    this.#notices.push(stored(notice));
    return 'told';
  }

  /** The next notice fails with this error. */
  failNext(error: Error): void {
    this.#next = () => {
      throw error;
    };
  }

  /** Every notice that was taken, repeats included. */
  get notices(): readonly Notice[] {
    return this.#notices;
  }
}
