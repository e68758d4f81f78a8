import type { AccessAnswers, ReviewDue } from '../../lambdas/contracts/access-requests.ts';
import type { LeaseView } from '../../lambdas/core/access/lease.ts';
import type { Instant } from '../../lambdas/core/time.ts';
import { plainText } from './plain-text.ts';
import { tableText } from './table.ts';
import { distanceText, momentText } from './time-words.ts';

/** One lease in a sentence. */
export const leaseText = (
  { id, leasable, purpose, expiresAt, longestUntil }: LeaseView,
  now: Instant,
): string =>
  plainText(
    `lease ${id} of ${leasable} for ${purpose}: until ${momentText(expiresAt, now)}, ${
      expiresAt === longestUntil ? 'and no longer' : `renewable until ${momentText(longestUntil, now)}`
    }`,
  );

/** What became of a lease that its holder has given back, or that was over before. */
export function releasedText({ id, leasable, phase, end }: LeaseView, now: Instant): string {
  const named = `lease ${id} of ${leasable}`;
  if (end && end.why !== 'released')
    return plainText(
      `${named} was over already (${end.why}, ${distanceText(end.at, now)}); nothing was given back`,
    );
  return plainText(
    phase === 'ended'
      ? `${named} was given back; its target refuses it`
      : `${named} was given back; it is ended at its target next (lockstep leases shows it until then)`,
  );
}

/** Leases as a table, and what is owed of each. */
export function leasesText(leases: readonly LeaseView[], now: Instant, width?: number): string {
  if (leases.length === 0) return 'No leases.';
  return tableText(
    [
      ['lease', 'what', 'holder', 'purpose', 'phase', 'ends'],
      ...leases.map((lease) => [
        lease.id,
        lease.leasable,
        lease.actingFor === undefined ? lease.holder : `${lease.holder} for ${lease.actingFor}`,
        lease.purpose,
        phaseText(lease),
        lease.end
          ? `${distanceText(lease.end.at, now)} (${lease.end.why})`
          : distanceText(lease.expiresAt, now),
      ]),
    ],
    width,
  );
}

/** A debt: its target could not be made to refuse it yet, and is asked again without end. */
export const phaseText = ({ phase, failedEnds, breakGlass }: LeaseView): string =>
  [
    phase,
    ...(failedEnds === 0
      ? []
      : [`owed: ${failedEnds === 1 ? '1 attempt' : `${failedEnds} attempts`} to end it failed`]),
    ...(breakGlass ? [`glass broken, ${breakGlass.reviewedBy === undefined ? 'not ' : ''}reviewed`] : []),
  ].join(', ');

/** Everything that waits for people. */
export function approvalsText(
  { approvals, reviews = [] }: AccessAnswers['approvals'],
  now: Instant,
  width?: number,
): string {
  const tables = [
    ...(approvals.length === 0 ? [] : [requestsText(approvals, now, width)]),
    ...(reviews.length === 0 ? [] : [reviewsText(reviews, now, width)]),
  ];
  return tables.length === 0 ? 'Nothing waits for you.' : tables.join('\n\n');
}

const reviewsText = (reviews: readonly ReviewDue[], now: Instant, width?: number): string =>
  tableText(
    [
      ['to review', 'what', 'taken by', 'when', 'because'],
      ...reviews.map(({ lease, leasable, holder, actingFor, at, reason }) => [
        lease,
        leasable,
        actingFor === undefined ? holder : `${holder} for ${actingFor}`,
        distanceText(at, now),
        reason,
      ]),
    ],
    width,
  );

function requestsText(
  approvals: AccessAnswers['approvals']['approvals'],
  now: Instant,
  width?: number,
): string {
  return tableText(
    [
      ['approval', 'what', 'for', 'purpose', 'seconds', 'approved', 'who may', 'ends'],
      ...approvals.map((each) => [
        each.id,
        each.leasable,
        each.actingFor === undefined ? each.holder : `${each.holder} for ${each.actingFor}`,
        each.purpose,
        String(each.ttlSeconds),
        `${each.approvedBy.length} of ${each.needed}`,
        each.approvers.join(', '),
        distanceText(each.expiresAt, now),
      ]),
    ],
    width,
  );
}
