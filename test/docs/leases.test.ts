import { describe, expect, it } from 'vitest';
import { REVOKE_BY } from '../../lambdas/contracts/access-requests.ts';
import { GRACE_SECONDS, MOST_WAITING } from '../../lambdas/core/access/lease-gate.ts';
import type { LeaseEnd } from '../../lambdas/core/access/lease.ts';
import { METRICS } from '../../lambdas/core/metric-names.ts';
import { MOST_OPEN } from '../../lambdas/grant-lease/approval-places.ts';
import { APPROVAL_SECONDS } from '../../lambdas/grant-lease/ask-approval.ts';
import { PATIENCE_SECONDS } from '../../lambdas/grant-lease/begin-lease.ts';
import { REVIEW_SECONDS } from '../../lambdas/grant-lease/break-glass.ts';
import { REFUSALS, REFUSALS_CHAIN } from '../../lambdas/grant-lease/refusals.ts';
import { ENDS_PER_COMMIT } from '../../lambdas/sweep-leases/end-batch.ts';
import { LONGEST_WAIT_SECONDS } from '../../lambdas/sweep-leases/postpone.ts';
import { BUDGET } from '../../lambdas/sweep-leases/sweep-ports.ts';
import { page, tableRows } from './code-blocks.ts';

const PAGE = 'docs/leases.md';
const text = page(PAGE).replaceAll(/\s+/g, ' ');
const rows = tableRows(PAGE);

/** What stands in quotes in the first cells of the rows between two headings. */
function named(from: string, to: string): readonly string[] {
  const part = page(PAGE).slice(page(PAGE).indexOf(from), page(PAGE).indexOf(to));
  return rows
    .filter(([first = '']) => part.includes(`\n| ${first} |`))
    .flatMap(([first = '']) => [...first.matchAll(/`([\w-]+)`/g)].map(([, word = '']) => word));
}

describe('docs/leases.md', () => {
  it('has every refusal that strangers are not told, and no other', () => {
    expect(named('## What is refused', '## Limits').toSorted()).toEqual([...REFUSALS].toSorted());
    expect(text).toContain(`in the chain \`${REFUSALS_CHAIN}\``);
  });

  it('has everything that leases can be revoked by', () => {
    expect(named('## Ending', '## What can be seen')).toEqual([...REVOKE_BY]);
  });

  it('has every reason for which a lease ends', () => {
    const reasons: Readonly<Record<LeaseEnd, true>> = {
      expired: true,
      released: true,
      revoked: true,
      breach: true,
      'never-handed-over': true,
      found: true,
      lost: true,
    };
    expect(named('## What ends a lease', '## What this does not do')).toEqual(Object.keys(reasons));
  });

  it('names metrics that there are', () => {
    const metrics = [...text.matchAll(/`(lockstep_[a-z_]+)`/g)].map(([, name = '']) => name);
    expect(metrics.length).toBeGreaterThan(3);
    expect(metrics.filter((name) => !(name in METRICS))).toEqual([]);
  });

  it('tells what a round of the sweeper may cost', () => {
    expect(text).toContain(`${BUDGET.ends} tries and ${BUDGET.seconds} seconds in a round`);
    expect([BUDGET.askedAfter, ENDS_PER_COMMIT, LONGEST_WAIT_SECONDS]).toEqual([20, 10, 600]);
    expect(text).toContain('Twenty live leases in each round');
    expect(text).toContain('Ten are ended together');
    expect(text).toContain('at the latest every ten minutes');
  });

  it('tells the times and numbers that the code goes by', () => {
    expect([
      APPROVAL_SECONDS,
      REVIEW_SECONDS,
      PATIENCE_SECONDS,
      MOST_OPEN.ofShare,
      MOST_OPEN.ofAgent,
      MOST_WAITING,
    ]).toEqual([3600, 86_400, 60, 5, 20, 100]);
    expect(text).toContain(`or up to ${GRACE_SECONDS} seconds later`);
    expect(text).toContain('for an hour from the moment of asking');
    expect(text).toContain('At most five requests of one holder wait at once');
    expect(text).toContain('and twenty of an agent for all of them together');
    expect(text).toContain('A line remembers a hundred holders');
    expect(text).toContain('nobody has reviewed within a day');
    expect(text).toContain('a lease that somebody looks at within a minute');
  });
});
