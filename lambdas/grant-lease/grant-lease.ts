import type { AccessAnswers, AccessAsk, AccessAskName } from '../contracts/access-requests.ts';
import { accessOf } from '../core/access/access-inventory.ts';
import type { Caller } from '../core/access/caller.ts';
import { LockstepError } from '../core/errors.ts';
import { askLease } from './ask-lease.ts';
import { approve, deny } from './decide-approval.ts';
import type { GrantLease, GrantPorts } from './grant-ports.ts';
import { listApprovals } from './list-approvals.ts';
import { listLeases } from './list-leases.ts';
import { releaseLease } from './release-lease.ts';
import { renewLease } from './renew-lease.ts';
import { reviewLease } from './review-lease.ts';
import { revokeLeases } from './revoke-leases.ts';
import type { Asking } from './right.ts';
import { whoAmI } from './who-am-i.ts';

/** The broker: answers every ask of a caller whose identity was proved. */
export function grantLease(ports: GrantPorts): GrantLease {
  const answer = (caller: Caller, ask: AccessAsk, door: Asking['door'] = {}) => {
    assertActsForSomebody(ports, caller);
    return answerOne(ports, { caller, door }, ask);
  };
  // The compiler cannot follow that ask and answer belong together; `answerOne` has made sure of it, case by case.
  return (async (caller, ask, door) => answer(caller, ask as AccessAsk, door)) as GrantLease;
}

function answerOne(ports: GrantPorts, asking: Asking, ask: AccessAsk): Promise<AccessAnswers[AccessAskName]> {
  switch (ask.ask) {
    case 'lease':
      return askLease(ports, asking, ask) satisfies Promise<AccessAnswers['lease']>;
    case 'renew':
      return renewLease(ports, asking, ask) satisfies Promise<AccessAnswers['renew']>;
    case 'release':
      return releaseLease(ports, asking, ask) satisfies Promise<AccessAnswers['release']>;
    case 'revoke':
      return revokeLeases(ports, asking, ask) satisfies Promise<AccessAnswers['revoke']>;
    case 'leases':
      return listLeases(ports, asking, ask) satisfies Promise<AccessAnswers['leases']>;
    case 'approvals':
      return listApprovals(ports, asking) satisfies Promise<AccessAnswers['approvals']>;
    case 'approve':
      return approve(ports, asking, ask) satisfies Promise<AccessAnswers['approve']>;
    case 'deny':
      return deny(ports, asking, ask) satisfies Promise<AccessAnswers['deny']>;
    case 'review':
      return reviewLease(ports, asking, ask) satisfies Promise<AccessAnswers['review']>;
    case 'whoami':
      return whoAmI(ports, asking) satisfies Promise<AccessAnswers['whoami']>;
  }
}

/** Recognising callers sees to it; without the person behind it an agent would have its whole ceiling to itself. */
function assertActsForSomebody(ports: GrantPorts, caller: Caller): void {
  if (caller.is !== 'agent') return;
  const declared = accessOf(ports.inventory).agents.find(({ name }) => name === caller.name);
  if (declared && (declared.actsFor === 'itself' || caller.actingFor)) return;
  throw new LockstepError(
    'UNAUTHENTICATED',
    declared
      ? 'this agent acts for a person, and the request does not prove for whom'
      : 'the inventory knows no agent of that name',
  );
}
