import { describe, expect, it } from 'vitest';
import type { Page, Pager } from '../../lambdas/core/ports/pager.ts';
import { eachTime, type UnderTest } from './under-test.ts';

export interface PagerUnderTest extends UnderTest {
  readonly pager: Pager;
  /** The incidents that on-call sees, by the ids of their pages. */
  readonly incidents: () => readonly string[];
  /** The next page cannot be handed over. */
  readonly breakNext: () => void;
}

export const aPage = (number: number): Page => ({
  id: `page-${number}`,
  severity: 'high',
  title: 'A rotation keeps failing',
  subject: 'vector-store',
  reasons: ['A step of a rotation failed three times in five minutes.'],
  firstCommand: 'lockstep status',
  at: '2026-01-01T00:00:00.000Z',
});

/** The contract of `Pager`: handed over when it returns, or it throws. */
export function describePagerContract(name: string, make: () => Promise<PagerUnderTest>): void {
  describe(`${name} keeps the contract of a pager`, () => {
    const subject = eachTime(make);

    it('hands every page over', async () => {
      await subject().pager.page(aPage(1));
      await subject().pager.page(aPage(2));
      expect(subject().incidents()).toEqual(['page-1', 'page-2']);
    });

    it('lets repeats of a page be folded into one incident', async () => {
      await subject().pager.page(aPage(1));
      await subject().pager.page(aPage(1));
      expect(subject().incidents()).toEqual(['page-1']);
    });

    it('throws when a page could not be handed over, and takes it again', async () => {
      subject().breakNext();
      await expect(subject().pager.page(aPage(1))).rejects.toMatchObject({ code: 'PAGER_UNAVAILABLE' });
      await subject().pager.page(aPage(1));
      expect(subject().incidents()).toEqual(['page-1']);
    });
  });
}
