import type { AccessAnswers, AccessAsks } from '../contracts/access-requests.ts';
import { LockstepError } from '../core/errors.ts';
import { decideLease, deniedText } from '../core/policy/decide-lease.ts';
import type { Right } from '../core/policy/effective-right.ts';
import { secondsBetween, instant } from '../core/time.ts';
import { askApproval } from './ask-approval.ts';
import { beginLease, type Grant } from './begin-lease.ts';
import { assertDeclared, assertHasPlace, findNamed } from './find-leasable.ts';
import type { GrantPorts } from './grant-ports.ts';
import { handOver } from './hand-over.ts';
import { orRefuse, type Decided } from './refusals.ts';
import { rightTo, type Asking } from './right.ts';
import { approversStillAllowed, readApproval } from './use-approval.ts';
import { wishOf, type Wish } from './wish.ts';

/**
 * Issues a lease, or says whose approval it needs.
 *
 * 1. Decide by policy: purpose, ttl, approvals, the caller and whoever it acts for.
 * 2. One commit: the lease (`issuing`), where it is found, what has to be looked at in a minute, the quotas, the
 *    request, the approval that is used.
 * 3. The audit's intent, with the policies that decided.
 * 4. The lease function makes it.
 * 5. One commit: `live`, its key, when it is due; and a timer for then.
 * 6. The audit's outcome. Then the value is handed over.
 *
 * Whatever dies in between leaves a lease that is due in a minute, and whose key at the target follows from its id: it
 * is ended there, and nobody ever had its value. A request that is asked again is not answered with a value again.
 */
export function askLease(
  ports: GrantPorts,
  asking: Asking,
  ask: AccessAsks['lease'],
): Promise<AccessAnswers['lease']> {
  const named = findNamed(ports, ask.leasable);
  const asked = ask.ttlSeconds === undefined ? {} : { asked: { ttlSeconds: String(ask.ttlSeconds) } };
  return orRefuse(ports, asking, { action: 'lease', named, ...asked }, async (decided) => {
    const startedAt = instant(ports.clock());
    const wish = wishOf(ports, asking, named, ask);
    const verdict = await decide(ports, asking, wish, decided);
    assertDeclared(named);
    // Behind the decision: whoever may not have it learns nothing of it. Before anybody is asked, paged, or given anything.
    if (ask.through === 'proxy') assertHasPlace(named.leasable);
    if (verdict.is === 'approval-needed') return askApproval(ports, asking, wish, verdict);
    const row = await beginLease(ports, asking, wish, verdict.grant);
    const answer = await handOver(ports, asking, wish, { row, right: verdict.grant.right });
    const seconds = Math.max(0, secondsBetween(startedAt, instant(ports.clock())));
    ports.metrics.observe('lockstep_lease_issue_seconds', { kind: wish.what.kind }, seconds);
    return answer;
  });
}

type Verdict =
  | { readonly is: 'granted'; readonly grant: Grant }
  | { readonly is: 'approval-needed'; readonly needed: number; readonly right: Right };

async function decide(ports: GrantPorts, asking: Asking, wish: Wish, decided: Decided): Promise<Verdict> {
  const approval = await readApproval(ports, wish);
  const circumstances = {
    purpose: wish.purpose,
    ttlSeconds: wish.ttlSeconds,
    approvals: approval ? approversStillAllowed(ports, asking, wish, approval.body) : [],
  };
  const rightWith = (breakGlass: boolean): Right =>
    rightTo(ports, asking, 'lease', wish.what, { ...circumstances, breakGlass });
  const { is, right, breaksGlass } = decideLease((breakGlass) => {
    const each = rightWith(breakGlass);
    decided(each);
    return each;
  }, wish.breakGlass !== undefined);
  if (is === 'approval-needed') return { is, needed: right.approvalsNeeded ?? 1, right };
  // An approval that does not suffice stays what it is: nothing of it is used up.
  if (is === 'granted' && breaksGlass)
    return {
      is,
      grant: { right, ...(wish.breakGlass === undefined ? {} : { breakGlass: wish.breakGlass }) },
    };
  if (is === 'granted') return { is, grant: { right, ...(approval === undefined ? {} : { approval }) } };
  const isBehindGlass = wish.breakGlass === undefined && rightWith(true).allowed;
  throw new LockstepError('POLICY_DENIED', refusalText(wish, right, isBehindGlass));
}

function refusalText({ what, purpose, breakGlass }: Wish, right: Right, isBehindGlass: boolean): string {
  const next = isBehindGlass
    ? "breaking the glass gives it, pages on-call and is reviewed: --break-glass '<reason>'"
    : 'lockstep policy explain says what would change it';
  return `${what.name} for ${purpose} is not for ${deniedText(right, breakGlass !== undefined)}; ${next}`;
}
