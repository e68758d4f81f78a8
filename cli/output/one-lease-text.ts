import type { AccessAnswers } from '../../lambdas/contracts/access-requests.ts';
import type { LeaseView } from '../../lambdas/core/access/lease.ts';
import type { Instant } from '../../lambdas/core/time.ts';
import { phaseText } from './lease-text.ts';
import { plainText } from './plain-text.ts';
import { momentText } from './time-words.ts';
import { wrapped } from './wrapped.ts';

type Detail = NonNullable<AccessAnswers['leases']['detail']>;

const WIDTH = 12;

/** One lease in full, no wider than a terminal. */
export function oneLeaseText(lease: LeaseView, detail: Detail, now: Instant): string {
  const { tier, target, key, principal, requestId, policies, lastError, approval } = detail;
  const lines: readonly (readonly [name: string, value: string | undefined])[] = [
    ['lease', lease.id],
    ['state', phaseText(lease)],
    ['what', `${lease.leasable} (${lease.kind}, tier ${tier}), by ${target}`],
    ['there called', key],
    ['holder', lease.holder],
    ['as', principal],
    ['for', lease.actingFor],
    ['purpose', lease.purpose],
    ['policies', policies.join(', ')],
    ['request', requestId],
    ['issued', momentText(lease.issuedAt, now)],
    ['until', momentText(lease.expiresAt, now)],
    ['at longest', lease.longestUntil === lease.expiresAt ? undefined : momentText(lease.longestUntil, now)],
    ['renewed', lease.renewals === 0 ? undefined : `${lease.renewals} times`],
    ['told to end', lease.end && `${momentText(lease.end.at, now)}: ${lease.end.why}, by ${lease.end.by}`],
    ['last error', lastError],
    ['glass broken', lease.breakGlass?.reason],
    ['reviewed', reviewText(lease)],
    ['approval', approval && `${approval.id}: ${approval.approvedBy.length} of ${approval.needed}`],
    ...(approval?.approvedBy ?? []).map(
      ({ person, at, reason }) => ['approved', `by ${person}, ${momentText(at, now)}: “${reason}”`] as const,
    ),
  ];
  return lines
    .flatMap(([name, value]) => (value === undefined || value === '' ? [] : lineOf(name, value)))
    .join('\n');
}

const reviewText = ({ breakGlass }: LeaseView): string | undefined =>
  breakGlass?.reviewedBy === undefined
    ? undefined
    : `by ${breakGlass.reviewedBy}: “${breakGlass.note ?? ''}”`;

function lineOf(name: string, value: string): readonly string[] {
  const [first = '', ...rest] = wrapped(plainText(value), WIDTH + 2);
  return [`${name.padEnd(WIDTH)}  ${first.trimStart()}`, ...rest];
}
