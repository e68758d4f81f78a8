import { callerKey, type Caller } from '../core/access/caller.ts';
import type { AuditActor, AuditAnswer, AuditEntry, AuditIdentity } from '../core/audit/record.ts';
import type { DeniedBy, Right } from '../core/policy/effective-right.ts';
import type { GrantPorts } from './grant-ports.ts';
import type { Asking } from './right.ts';

/**
 * What the audit says of whoever asked, and of what decided: enough to tell, months later and without anything else of
 * ours, who it was and by which text. No token, and nothing of one but its id.
 */

/** Who did something, as the door proved it. */
export function actorOf(
  { functionName }: Pick<GrantPorts, 'functionName'>,
  { caller, door }: Asking,
): AuditActor {
  const behind = caller.is === 'agent' ? caller.actingFor : undefined;
  return {
    kind: caller.is,
    name: caller.name,
    via: functionName,
    ...identityOf(caller),
    ...(door.source === undefined ? {} : { source: door.source }),
    ...(behind ? { actingFor: { name: behind.name, ...identityOf(behind) } } : {}),
  };
}

const identityOf = (caller: Caller): AuditIdentity => ({
  principal: caller.principal,
  ...(caller.session === undefined ? {} : { session: caller.session }),
  ...(caller.claims.tokenId === undefined ? {} : { tokenId: caller.claims.tokenId }),
  ...(caller.is === 'person' ? { roles: caller.roles } : {}),
  ...(caller.is === 'person' && caller.mfa ? { secondFactor: 'proved' } : {}),
});

/** The person that a caller acts for, as leases and the audit name them. */
export const actingForOf = (caller: Caller): { readonly actingFor?: string } =>
  caller.is === 'agent' && caller.actingFor ? { actingFor: callerKey(caller.actingFor) } : {};

/** What is on record of a right: everything that decided it. */
export type Decision = Pick<Right, 'allowed' | 'policies' | 'answers' | 'denials'>;

/** What decided, for the audit. Of several rights that were all needed: what all of them rest on, or what denied. */
export function decidedBy(
  { policy, inventory }: Pick<GrantPorts, 'policy' | 'inventory'>,
  rights: readonly Decision[],
): Pick<AuditEntry['why'], 'policies' | 'answers' | 'decidedBy'> {
  return {
    policies: distinct(rights.flatMap(decidersOf)),
    ...(rights.length === 0 ? {} : { answers: answersOf(rights) }),
    decidedBy: { policies: policy.digest, inventory: inventory.digest },
  };
}

/** Of a denial only what denied, since a permit of the agent says nothing against its person. */
const decidersOf = ({ allowed, policies, denials }: Decision): readonly string[] =>
  allowed ? policies : denials.flatMap((denial) => denial.policies);

function answersOf(rights: readonly Decision[]): readonly AuditAnswer[] {
  const all = rights.flatMap(({ answers }) => answers);
  return [...new Set(all.map((answer): DeniedBy => answer.of))].map((of) => {
    const own = all.filter((answer) => answer.of === of);
    const denied = own.filter(({ allowed }) => !allowed);
    const deciding = denied.length > 0 ? denied : own;
    return {
      of,
      says: denied.length > 0 ? 'denied' : 'allowed',
      policies: distinct(deciding.flatMap(({ policies }) => policies)),
    };
  });
}

const distinct = (ids: readonly string[]): readonly string[] => [...new Set(ids)];
