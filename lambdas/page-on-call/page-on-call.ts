import type { EventOf } from '../core/events.ts';
import type { Metrics } from '../core/ports/metrics.ts';
import type { Page, Pager } from '../core/ports/pager.ts';

/** What paging needs. */
export interface PagePorts {
  readonly pager: Pager;
  readonly metrics: Metrics;
  /** The environment that a command has to name to reach it; none where it is the one of the folder. */
  readonly stage?: string;
}

/** Hands a page to on-call. A pager that cannot take it is tried again by the queue, and in the end a dead letter alarms by itself. */
export async function pageOnCall(
  { pager, metrics, stage }: PagePorts,
  { detail }: EventOf<'page.requested'>,
): Promise<void> {
  await pager.page(stage === undefined ? detail.page : at(stage, detail.page));
  metrics.count('lockstep_pages', { severity: detail.page.severity });
}

/** Whoever is woken pastes it as it stands, and without a stage it would go to a runtime on their own machine. */
const at = (stage: string, page: Page): Page =>
  page.firstCommand.startsWith('lockstep ')
    ? { ...page, firstCommand: `${page.firstCommand} --stage ${stage}` }
    : page;
