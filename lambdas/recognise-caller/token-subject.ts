import type { AccessInventory } from '../core/access/access-inventory.ts';
import type { CallingWorkload, Person } from '../core/access/caller.ts';
import { LockstepError } from '../core/errors.ts';
import type { VerifiedToken } from '../core/ports/token-verifier.ts';
import { claimIs, readingsOf, textsIn } from './claim-path.ts';
import { sessionClaims } from './session-claims.ts';

/** It becomes a name in the ledger, in policies and in the audit: as what the verifier takes for `sub`. */
const SUBJECT = /^[\x20-\x7e]{1,512}$/;

/** Who a token is about: the one workload whose claims it has, or a person by their groups. Throws `NOT_BOUND`. */
export function subjectOf(access: AccessInventory, token: VerifiedToken): CallingWorkload | Person {
  const workloads = workloadsOf(access, token);
  const roles = rolesOf(access, token);
  const [workload] = workloads;
  // Whoever is two could choose which of them to be.
  if (workloads.length + Math.min(roles.length, 1) !== 1)
    throw new LockstepError(
      'NOT_BOUND',
      'the token is good, and names no one workload and no role of this environment: its claims have to be those of exactly one ' +
        'workload, or its groups those of a role',
    );
  const recognised = {
    proof: 'token',
    principal: `${token.issuer.issuer}|${token.subject}`,
    claims: sessionClaims(token),
  } as const;
  return workload === undefined
    ? { ...recognised, is: 'person', name: nameOf(token), roles, mfa: provedFactor(token) }
    : { ...recognised, is: 'workload', name: workload };
}

const workloadsOf = (
  { workloadTokens }: AccessInventory,
  { issuer, claims }: VerifiedToken,
): readonly string[] =>
  Object.entries(workloadTokens)
    .filter(([, matches]) =>
      matches.some((match) => {
        const wanted = Object.entries(match.claims);
        const isOfIt = match.issuer === issuer.name && wanted.length > 0;
        return isOfIt && wanted.every(([path, value]) => claimIs(claims, path, value));
      }),
    )
    .map(([workload]) => workload);

/** The roles that the groups of a token make its person a member of. */
function rolesOf({ roles }: AccessInventory, { issuer, claims }: VerifiedToken): readonly string[] {
  // What cannot be read is no membership.
  const groups = listed(claims, issuer.claims?.groups ?? 'groups');
  return roles
    .filter((role) => role.groups.some((each) => each.issuer === issuer.name && groups.includes(each.group)))
    .map(({ name }) => name);
}

/**
 * What a person is called by: the same name by each issuer that the inventory says has the same people. With two names one
 * human approves what an agent asks for on their behalf. Throws `UNAUTHENTICATED`.
 */
function nameOf({ issuer, subject, claims }: VerifiedToken): string {
  const path = issuer.claims?.subject;
  const called = path === undefined ? subject : calledBy(claims, path);
  return issuer.people === undefined ? `${issuer.issuer}|${called}` : `${issuer.people}/${called}`;
}

/** One text, as a subject is. Falling back on `sub` would make a second person of whoever comes without the claim. */
function calledBy(claims: VerifiedToken['claims'], path: string): string {
  const [value, ...others] = readingsOf(claims, path);
  if (others.length === 0 && typeof value === 'string' && SUBJECT.test(value)) return value;
  throw new LockstepError(
    'UNAUTHENTICATED',
    `the token does not name its person once, as text, in the claim ${path}, by which the inventory knows people of its issuer`,
  );
}

/** A second factor, as RFC 8176 §2 names it. What an issuer does not say was not proved. */
const provedFactor = ({ claims }: VerifiedToken): boolean => listed(claims, 'amr').includes('mfa');

function listed(claims: VerifiedToken['claims'], path: string): readonly string[] {
  const texts = textsIn(claims, path);
  return texts === undefined || texts === 'malformed' ? [] : texts;
}
