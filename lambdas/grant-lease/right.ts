import { accessOf, type Leasable } from '../core/access/access-inventory.ts';
import type { Caller } from '../core/access/caller.ts';
import { purposesOf } from '../core/access/purposes.ts';
import { ownEntry } from '../core/own-entry.ts';
import { effectiveRight, type Right } from '../core/policy/effective-right.ts';
import type { PolicyAction, PolicyContext } from '../core/policy/policy-request.ts';
import type { AtTheDoor, GrantPorts } from './grant-ports.ts';

/** Who asks, from where. */
export interface Asking {
  readonly caller: Caller;
  readonly door: AtTheDoor;
}

/** What a decision is about, besides who asks. */
export type Circumstances = Partial<
  Pick<PolicyContext, 'purpose' | 'ttlSeconds' | 'approvals' | 'breakGlass'>
>;

/** What policy says of somebody who wants to do something with what can be leased. */
export const rightTo = (
  ports: GrantPorts,
  asking: Asking,
  action: PolicyAction,
  leasable: Pick<Leasable, 'name'>,
  circumstances: Circumstances = {},
): Right =>
  effectiveRight(ports.policy, {
    caller: asking.caller,
    action,
    resource: { type: 'Leasable', id: leasable.name },
    context: contextOf(ports, asking.door, circumstances),
  });

/** The context of a decision, as far as the broker asserts it. */
export const contextOf = (
  { inventory, clock }: GrantPorts,
  { source }: AtTheDoor,
  circumstances: Circumstances,
): Omit<PolicyContext, 'mfa'> => ({
  environment: inventory.environment,
  now: clock().getTime(),
  approvals: [],
  breakGlass: false,
  ...(source === undefined ? {} : { source }),
  ...circumstances,
});

/** The purposes for which a caller could lease something now, be it with approvals. */
export const leasablePurposes = (ports: GrantPorts, asking: Asking, leasable: Leasable): readonly string[] =>
  purposesOf(accessOf(ports.inventory), asking.caller)
    .filter((purpose) => leasable.purposes.includes(purpose))
    .filter((purpose) => {
      const ttlSeconds = leasable.ttl.defaultSeconds;
      const { allowed, approvalsNeeded } = rightTo(ports, asking, 'lease', leasable, { purpose, ttlSeconds });
      return allowed || approvalsNeeded !== undefined;
    });

/** Whether a caller could lease something now by breaking the glass, for the shortest time that there is. */
export function couldBreakGlass(ports: GrantPorts, asking: Asking, leasable: Leasable): boolean {
  const ttlSeconds = ports.capabilitiesOf(leasable.kind)?.shortestSeconds ?? 1;
  return purposesOf(accessOf(ports.inventory), asking.caller)
    .filter((purpose) => leasable.purposes.includes(purpose))
    .some(
      (purpose) =>
        rightTo(ports, asking, 'lease', leasable, { purpose, ttlSeconds, breakGlass: true }).allowed,
    );
}

/** The teams that a caller belongs to. */
function teamsOf(ports: GrantPorts, caller: Caller): readonly string[] {
  const { roles, agents, workloadOwners } = accessOf(ports.inventory);
  const owners =
    caller.is === 'person'
      ? roles.filter(({ name }) => caller.roles.includes(name)).map(({ owner }) => owner)
      : caller.is === 'agent'
        ? agents.filter(({ name }) => name === caller.name).map(({ owner }) => owner)
        : [ownEntry(workloadOwners, caller.name)];
  return owners.filter((owner) => owner !== undefined);
}

/**
 * Whether a caller is told which rule it met: it belongs to the team that owns what it asked for, or could lease it in
 * another way, be it by breaking the glass: at night that is what on-call has to be told. To everybody else all refusals
 * are one.
 */
export function isInsider(ports: GrantPorts, asking: Asking, leasable: Leasable): boolean {
  // All are looked at for everybody, so that an answer does not come sooner where a team is known.
  const couldLease = leasablePurposes(ports, asking, leasable).length > 0;
  const byGlass = couldBreakGlass(ports, asking, leasable);
  return couldLease || byGlass || teamsOf(ports, asking.caller).includes(leasable.owner);
}
