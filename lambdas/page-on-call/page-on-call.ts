import type { EventOf } from '../core/events.ts';
import type { Metrics } from '../core/ports/metrics.ts';
import type { Pager } from '../core/ports/pager.ts';

/** Hands a page to on-call. A pager that cannot take it is tried again by the queue, and in the end a dead letter alarms by itself. */
export async function pageOnCall(
  { pager, metrics }: { readonly pager: Pager; readonly metrics: Metrics },
  { detail }: EventOf<'page.requested'>,
): Promise<void> {
  await pager.page(detail.page);
  metrics.count('lockstep_pages', { severity: detail.page.severity });
}
