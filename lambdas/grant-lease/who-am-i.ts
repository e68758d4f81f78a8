import type { AccessAnswers } from '../contracts/access-requests.ts';
import { accessOf } from '../core/access/access-inventory.ts';
import { callerKey } from '../core/access/caller.ts';
import { purposesOf } from '../core/access/purposes.ts';
import type { GrantPorts } from './grant-ports.ts';
import { actingForOf } from './on-record.ts';
import { couldBreakGlass, leasablePurposes, type Asking } from './right.ts';

/** Who the caller is, as it was recognised, and what it could lease now, be it with approvals or by breaking the glass. */
export async function whoAmI(ports: GrantPorts, asking: Asking): Promise<AccessAnswers['whoami']> {
  const access = accessOf(ports.inventory);
  const leasables = access.leasables.filter(
    (leasable) => leasablePurposes(ports, asking, leasable).length > 0,
  );
  const glass = access.leasables.filter(
    (leasable) => !leasables.includes(leasable) && couldBreakGlass(ports, asking, leasable),
  );
  return {
    caller: callerKey(asking.caller),
    ...actingForOf(asking.caller),
    purposes: purposesOf(access, asking.caller),
    leasables: leasables.map(({ name }) => name),
    ...(glass.length === 0 ? {} : { byBreakingGlass: glass.map(({ name }) => name) }),
    throughProxy: leasables.filter(({ egress }) => egress.length > 0).map(({ name }) => name),
  };
}
