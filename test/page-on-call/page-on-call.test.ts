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

  it('names the environment in the command, where that is not the one of the folder', async () => {
    const [pager, metrics] = [new RecordingPager(), new CountingMetrics()];
    await pageOnCall({ pager, metrics, stage: 'staging' }, event);
    const other = makeEvent(source, 'page.requested', { page: { ...page, firstCommand: 'aws logs tail x' } });
    await pageOnCall({ pager, metrics, stage: 'staging' }, other);
    expect(pager.pages.map(({ firstCommand }) => firstCommand)).toEqual([
      'lockstep status store --stage staging',
      'aws logs tail x',
    ]);
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
