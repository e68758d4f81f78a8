import { escapeIdentifier, escapeLiteral } from 'pg';
import type { IssuedLease, LeaseHolder, LeaserRequest, LeaseTimes } from '../../core/ports/leaser.ts';
import { loginValueText } from '../../postgres/login-value.ts';
import type { PostgresPorts } from '../../postgres/ports.ts';
import { SALT_BYTES, scramVerifier } from '../../postgres/scram-verifier.ts';
import { newPassword } from '../../servers/new-password.ts';
import { authorityOf } from '../../servers/authority-of.ts';
import { asAuthority } from './as-authority.ts';
import { changeLease } from './change-lease.ts';
import { decideIssue } from './lease-decision.ts';
import { commentOf } from './lease-memory.ts';
import { roleOf } from './lease-names.ts';
import { namingMissingRights } from './lease-rights.ts';
import { authorityTargetOf, leaseTargetOf, type LeaseTarget } from './target.ts';

/**
 * Makes the role of a lease in one transaction: a login by a new password, of which the server gets the verifier alone,
 * until a moment of the server's clock; the rights that the inventory says; and whose it is, in the comment.
 *
 * Runs again: the role gets another password, and the one before works no more.
 */
export async function issueRole(
  ports: PostgresPorts,
  request: LeaserRequest,
  holder: LeaseHolder,
  times: LeaseTimes,
): Promise<IssuedLease> {
  const { endpoint } = authorityTargetOf(authorityOf(request).declared);
  const target = leaseTargetOf(request.leasable);
  const role = roleOf(request.leaseId);
  const password = newPassword(ports.randomBytes);
  const login = `LOGIN PASSWORD '${await scramVerifier(password, ports.randomBytes(SALT_BYTES))}' VALID UNTIL ${escapeLiteral(times.expiresAt)}`;
  const comment = commentFor(request, holder);

  await asAuthority(ports, request, 'issue', (session) =>
    namingMissingRights(session, rolesOf(target), () =>
      changeLease(ports, session, request, (state) => {
        const isNew = decideIssue(state, request, times) === 'make';
        const made = isNew ? newRole(role, login, target) : [`ALTER ROLE ${escapeIdentifier(role)} ${login}`];
        return { statements: [...made, comment], answer: undefined };
      }),
    ),
  );
  const value = loginValueText({
    host: endpoint.host,
    port: endpoint.port,
    dbname: target.database,
    username: role,
    password,
  });
  return { key: role, value, expiresAt: times.expiresAt };
}

/** Roles that the authority hands out for a lease, or gives what it leaves behind. */
export const rolesOf = ({ grants, ownerRole }: LeaseTarget): readonly string[] => [
  ...new Set([...grants.map(({ role }) => role), ownerRole]),
];

/** Every attribute is said: what a server, or somebody, has made the default elsewhere gives nobody more. */
function newRole(
  role: string,
  login: string,
  { grants, actAs, connectionLimit }: LeaseTarget,
): readonly string[] {
  const lease = escapeIdentifier(role);
  return [
    `CREATE ROLE ${lease} NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS INHERIT ` +
      `CONNECTION LIMIT ${Math.trunc(connectionLimit)} ${login}`,
    ...grants.map(
      (grant) =>
        `GRANT ${escapeIdentifier(grant.role)} TO ${lease} ` +
        `WITH ADMIN FALSE, INHERIT ${sql(grant.inherit)}, SET ${sql(grant.set)}`,
    ),
    ...(actAs === undefined ? [] : [`ALTER ROLE ${lease} SET role = ${escapeLiteral(actAs)}`]),
  ];
}

const sql = (value: boolean): string => (value ? 'TRUE' : 'FALSE');

const commentFor = (
  { environment, leasable, leaseId, fence }: LeaserRequest,
  holder: LeaseHolder,
): string => {
  const { holder: name, purpose } = holder;
  const memory = { lease: leaseId, environment, leasable: leasable.name, holder: name, purpose, fence };
  return `COMMENT ON ROLE ${escapeIdentifier(roleOf(leaseId))} IS ${escapeLiteral(commentOf(memory))}`;
};
