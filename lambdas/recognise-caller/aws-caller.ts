import type { AccessInventory, Role } from '../core/access/access-inventory.ts';
import type { CallingWorkload, Person } from '../core/access/caller.ts';
import { IDENTITY_CENTER } from '../core/access/identity-center.ts';
import type { Inventory } from '../core/credential.ts';
import { LockstepError } from '../core/errors.ts';

/** A session of a role, as IAM names it: without the role's path. */
interface RoleSession {
  readonly account: string;
  readonly role: string;
  readonly session: string;
}

/**
 * Who a signed caller is: the one workload whose role it has assumed, or a person of a role of the inventory. A function
 * URL tells the ARN and nothing else: no tags of the session, no source identity, no second factor (which the inventory
 * may say that the role demands)
 * (https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html). Throws `NOT_BOUND`.
 */
export function awsCaller(
  { workloads }: Pick<Inventory, 'workloads'>,
  access: AccessInventory,
  arn: string,
): CallingWorkload | Person {
  const caller = sessionOf(arn);
  const running = caller ? workloads.filter(({ principal }) => isSessionOf(caller, principal)) : [];
  const roles = caller
    ? access.roles.filter(({ principals }) => principals.some((each) => isSessionOf(caller, each)))
    : [];
  const [workload] = running;
  // Whoever is two could choose which of them to be.
  if (!caller || running.length + Math.min(roles.length, 1) !== 1)
    throw new LockstepError(
      'NOT_BOUND',
      'this principal is no workload, and of no role, of this environment',
    );
  if (workload) return { ...signed(workload.principal, caller), is: 'workload', name: workload.name };
  return personOf(roles, caller);
}

const signed = (principal: string, { session }: RoleSession) =>
  ({ proof: 'sigv4', principal, session, claims: {} }) as const;

function personOf(roles: readonly Role[], caller: RoleSession): Person {
  const principal =
    roles.flatMap(({ principals }) => principals).find((each) => isSessionOf(caller, each)) ?? '';
  return {
    ...signed(principal, caller),
    is: 'person',
    name: nameOf(principal, roles, caller),
    roles: roles.map(({ name }) => name),
    // The URL tells nothing of it: it is what the inventory says of the roles, or not proved.
    mfa: roles.every(({ secondFactorProved }) => secondFactorProved === true),
  };
}

function nameOf(principal: string, roles: readonly Role[], { session }: RoleSession): string {
  // Whoever has several permission sets has a role for each: with that role in the name, one human would be as many people,
  // who approve for each other.
  if (principal.includes(IDENTITY_CENTER.roles)) return `${IDENTITY_CENTER.people}/${session}`;
  // A name that its bearer chose makes no second person: they could approve what they asked for themselves.
  return roles.every(({ sessionNamesProved }) => sessionNamesProved === true)
    ? `${principal}/${session}`
    : principal;
}

function sessionOf(arn: string): RoleSession | undefined {
  const [, account, role, session] =
    /^arn:aws[a-z-]*:sts::(\d{12}):assumed-role\/([\w+=,.@-]+)\/([\w+=,.@-]+)$/.exec(arn) ?? [];
  if (account === undefined || role === undefined || session === undefined) return undefined;
  return { account, role, session };
}

/** Names of roles are unique in an account, whatever their path. */
function isSessionOf({ account, role }: RoleSession, principal: string): boolean {
  const [, of, name] = /^arn:aws[a-z-]*:iam::(\d{12}):role\/(?:.+\/)?([^/]+)$/.exec(principal) ?? [];
  return of === account && name === role;
}
