import { LockstepError } from '../../lambdas/core/errors.ts';
import type { Page, Pager } from '../../lambdas/core/ports/pager.ts';
import { Judge, stored } from './judge.ts';

/** `Pager` that remembers. Judges: a page without a reason or a first command, a secret in a page. */
export class RecordingPager implements Pager {
  readonly judge: Judge;
  readonly #pages: Page[] = [];
  #failures = 0;

  constructor(judge: Judge = new Judge()) {
    this.judge = judge;
  }

  async page(page: Page): Promise<void> {
    if (this.#failures > 0) {
      this.#failures -= 1;
      throw new LockstepError('PAGER_UNAVAILABLE', 'nobody takes this page');
    }
    this.judge.inspect(`page ${page.id}`, page);
    const isWhole = page.reasons.length > 0 && page.firstCommand !== '' && page.title !== '';
    this.judge.demand(isWhole, `page ${page.id} does not say why, or what to do first`);
    this.#pages.push(stored(page));
  }

  /** The next so many pages are not taken. */
  refuseNext(count: number): void {
    this.#failures = count;
  }

  /** Every page that was taken, repeats included. */
  get pages(): readonly Page[] {
    return this.#pages;
  }

  /** The incidents that on-call sees: repeats fold by id. */
  get incidents(): readonly Page[] {
    return [...new Map(this.#pages.map((page) => [page.id, page])).values()];
  }
}
