import type { AccessInventory, Role } from '../access/access-inventory.ts';
import { peopleOfRole, provesFactor } from '../access/people-of-role.ts';
import { LockstepError } from '../errors.ts';
import type { PolicyEngine } from '../ports/policy-engine.ts';
import type { PolicyContext } from './policy-request.ts';

/** Who may approve something. */
export interface Approvers {
  /** Roles whose people may by that role alone: whom to ask. What depends on the very person is decided when that person acts. */
  readonly roles: readonly string[];
  /** Everybody who could, where the inventory knows them all; absent where more may come than it knows. */
  readonly people?: readonly string[];
}

/** Who may approve leases of something, by policy and by whom the roles of the inventory stand for. */
export function whoApproves(
  engine: PolicyEngine,
  access: AccessInventory,
  leasable: string,
  context: Omit<PolicyContext, 'mfa'>,
): Approvers {
  const may = (...roles: readonly Role[]): boolean =>
    engine.decide({
      // A name that no person has: theirs have an issuer, a directory or an ARN in them.
      principal: { type: 'Person', id: `role:${roles.map(({ name }) => name).join('+')}` },
      roles: roles.map(({ name }) => name),
      action: 'approve',
      resource: { type: 'Leasable', id: leasable },
      // Of whoever can come by a token, or of whom nothing is said, whether they have a second factor shows when they come.
      context: {
        ...context,
        mfa: roles.some(({ principals }) => principals.length === 0) || (provesFactor(roles) ?? true),
      },
    }).allowed;
  const roles = access.roles.filter((role) => may(role)).map(({ name }) => name);
  const uncounted = access.roles.filter((role) => peopleOfRole(access, role) === undefined);
  if (uncounted.some((role) => roles.includes(role.name)) || (uncounted.length > 0 && may(...uncounted)))
    return { roles };
  const counted = new Set(access.roles.flatMap((role) => peopleOfRole(access, role) ?? []));
  // Whoever assumes an IAM role has every role of the inventory that names it.
  const people = [...counted].filter((person) =>
    may(...access.roles.filter(({ principals }) => principals.includes(person))),
  );
  return { roles, people };
}

/** A request that needs people. */
export interface NeedsPeople {
  readonly leasable: string;
  readonly needed: number;
  /** Names of people who are not counted: whoever asks, and whoever that acts for. */
  readonly selves: readonly string[];
}

/** Refuses what so few may approve that it would wait for nothing. Throws `POLICY_DENIED`. */
export function assertEnough({ roles, people }: Approvers, { leasable, needed, selves }: NeedsPeople): void {
  if (roles.length === 0)
    throw new LockstepError(
      'POLICY_DENIED',
      `${leasable} needs ${needed} approval(s), and no role may give one; lockstep who-can approve ${leasable} shows it`,
    );
  const others = people?.filter((person) => !selves.includes(person)).length;
  if (others === undefined || others >= needed) return;
  throw new LockstepError(
    'POLICY_DENIED',
    `${leasable} needs ${needed} approval(s) of others, and besides whoever asks there ${others === 1 ? 'is 1 person' : `are ${others} people`} who may give one, so nobody was asked. An IAM role without proved session names is one person: people who come by an issuer's tokens, or sessionNamesProved where it is true of a role, are more`,
  );
}
