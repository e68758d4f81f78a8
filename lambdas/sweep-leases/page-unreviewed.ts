import type { LeaseReview } from '../core/access/lease-rows.ts';
import { isLockstepError } from '../core/errors.ts';
import type { EventOf } from '../core/events.ts';
import { makeEvent } from '../core/make-event.ts';
import { replace, type LedgerRow } from '../core/ports/ledger.ts';
import { instant, reached, secondsAfter } from '../core/time.ts';
import type { SweepPorts } from './sweep-ports.ts';

/** How often on-call is reminded, in seconds. */
const AGAIN_AFTER_SECONDS = 86_400;
const PAGE = 100;
/** More of them are not counted: by then it is no question of numbers. */
const MOST_PAGES = 20;

/** Pages on-call for every lease that was taken by breaking the glass and that nobody has reviewed within a day, once a day. */
export async function pageUnreviewed(ports: SweepPorts): Promise<void> {
  let unreviewed = 0;
  let after: string | undefined;
  for (let page = 1; page <= MOST_PAGES; page += 1) {
    const rows = await ports.ledger.page('lease-review', 'open', {
      ...(after === undefined ? {} : { after }),
      limit: PAGE,
    });
    const now = ports.clock();
    const late = rows.filter(({ body }) => reached(secondsAfter(body.at, AGAIN_AFTER_SECONDS), now));
    unreviewed += late.length;
    for (const row of late) if (reached(row.body.pageAt, now)) await pageOne(ports, row);
    after = rows.at(-1)?.id;
    if (rows.length < PAGE) break;
  }
  ports.metrics.gauge('lockstep_break_glass_unreviewed', {}, unreviewed);
}

/** The page goes with the time of the next one, in one commit: no crash pages twice, and none forgets. */
async function pageOne(ports: SweepPorts, row: LedgerRow<'lease-review'>): Promise<void> {
  const at = instant(ports.clock());
  const next = { ...row.body, pageAt: secondsAfter(at, AGAIN_AFTER_SECONDS) };
  try {
    await ports.ledger.commit([replace(row, next)], [pageOf(ports, row.id, row.body)]);
  } catch (error) {
    if (!isLockstepError(error, 'LEDGER_CONFLICT')) throw error;
  }
}

function pageOf(
  ports: SweepPorts,
  lease: string,
  { leasable, holder, reason, at }: LeaseReview,
): EventOf<'page.requested'> {
  const source = { ...ports, environment: ports.inventory.environment };
  return makeEvent(source, 'page.requested', {
    page: {
      id: `unreviewed-${lease}-${instant(ports.clock()).slice(0, 10)}`,
      severity: 'high',
      title: `${leasable}: nobody has reviewed a broken glass`,
      subject: leasable,
      reasons: [
        `${holder} took lease ${lease} without the approvals that policy wants, at ${at}.`,
        `Reason given: ${reason}`,
        `Nobody but its holder has looked at it for a day. Whoever has: lockstep review ${lease} --note '…'`,
      ],
      firstCommand: 'lockstep approvals',
      at: instant(ports.clock()),
    },
  });
}
