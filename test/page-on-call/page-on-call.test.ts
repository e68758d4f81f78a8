import { describe, expect, it } from 'vitest';
import { makeEvent } from '../../lambdas/core/make-event.ts';
import type { Page } from '../../lambdas/core/ports/pager.ts';
import { pageOnCall } from '../../lambdas/page-on-call/page-on-call.ts';
import { countedIds } from '../fakes/counted-ids.ts';
import { CountingMetrics } from '../fakes/counting-metrics.ts';
import { RecordingPager } from '../fakes/recording-pager.ts';
import { codeOf } from '../ports/under-test.ts';

const page: Page = {
  id: 'a page',
  severity: 'high',
  title: 'store: a dependent has not moved',
  subject: 'store',
  reasons: ['It waits for batch.'],
  firstCommand: 'lockstep status store',
  at: '2026-03-01T00:00:00.000Z',
};
const source = { environment: 'test', clock: () => new Date(page.at), newId: countedIds() };
const event = makeEvent(source, 'page.requested', { page });

describe('paging on-call', () => {
  it('hands the page over as it is, and counts it', async () => {
    const [pager, metrics] = [new RecordingPager(), new CountingMetrics()];
    await pageOnCall({ pager, metrics }, event);
    expect(pager.pages).toEqual([page]);
    expect(metrics.samples('lockstep_pages', { severity: 'high' })).toEqual([1]);
  });

  it('comes again where nobody took it, and counts nothing until then', async () => {
    const [pager, metrics] = [new RecordingPager(), new CountingMetrics()];
    pager.refuseNext(1);
    expect(await codeOf(pageOnCall({ pager, metrics }, event))).toBe('PAGER_UNAVAILABLE');
    expect(metrics.samples('lockstep_pages')).toEqual([]);
    await pageOnCall({ pager, metrics }, event);
    expect(pager.incidents).toHaveLength(1);
  });
});
