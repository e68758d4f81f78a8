import { foreignName, LockstepError } from '../../lambdas/core/errors.ts';
import type { Page, Pager } from '../../lambdas/core/ports/pager.ts';
import type { Secret } from '../../lambdas/core/secret.ts';

/** Where pages go. */
export type PageReceiver =
  | { readonly format: 'json'; readonly url: string }
  | { readonly format: 'pagerduty'; readonly url: string; readonly routingKey: Secret };

/** What the pager needs. */
export interface WebhookPagerOptions {
  readonly receiver: PageReceiver;
  readonly fetch: typeof fetch;
  readonly source: string;
}

const TIMEOUT_MS = 10_000;

/** PagerDuty knows four (https://developer.pagerduty.com/docs/send-alert-event). */
const PAGERDUTY_SEVERITY = { critical: 'critical', high: 'error', medium: 'warning', test: 'info' } as const;

/** `Pager` by HTTP: PagerDuty's Events API v2, or the page itself as JSON. A page's id folds repeats at the receiver. */
export function webhookPager(options: WebhookPagerOptions): Pager {
  return { page: (page) => post(options, page) };
}

async function post({ receiver, fetch, source }: WebhookPagerOptions, page: Page): Promise<void> {
  const body = receiver.format === 'json' ? page : pagerDutyEvent(receiver.routingKey, source, page);
  const request = {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
    // A redirect could carry the routing key to somebody else.
    redirect: 'error' as const,
    signal: AbortSignal.timeout(TIMEOUT_MS),
  };
  const answer = await fetch(receiver.url, request).catch((error: unknown) =>
    Promise.reject(unavailable(page, foreignName(error))),
  );
  await answer.body?.cancel();
  if (answer.ok) return;
  const wait = Number(answer.headers.get('retry-after'));
  throw unavailable(page, `status ${answer.status}`, Number.isFinite(wait) && wait > 0 ? wait : undefined);
}

const pagerDutyEvent = (routingKey: Secret, source: string, page: Page) => ({
  routing_key: routingKey.reveal(),
  event_action: 'trigger',
  dedup_key: page.id,
  payload: {
    summary: `${page.title}: ${page.subject}`.slice(0, 1024),
    source,
    severity: PAGERDUTY_SEVERITY[page.severity],
    timestamp: page.at,
    custom_details: { reasons: page.reasons, firstCommand: page.firstCommand },
  },
});

const unavailable = (page: Page, seen: string, retryAfterSeconds?: number): LockstepError =>
  new LockstepError(
    'PAGER_UNAVAILABLE',
    `the receiver of pages did not take ${page.id} (${seen}); it is tried again`,
    retryAfterSeconds === undefined ? {} : { retryAfterSeconds },
  );
