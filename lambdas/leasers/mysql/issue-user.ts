import type { IssuedLease, LeaseHolder, LeaserRequest, LeaseTimes } from '../../core/ports/leaser.ts';
import { newPassword } from '../../servers/new-password.ts';
import { isPlain } from '../../servers/tls-rule.ts';
import { asAuthority } from './as-authority.ts';
import { passwordVerifier } from './caching-sha2.ts';
import { assertMayIssue, assertMayRenew } from './lease-decision.ts';
import { attributeOf } from './lease-memory.ts';
import { userOf } from './lease-names.ts';
import { lockLease, lookAt } from './lease-state.ts';
import { loginValueText } from '../../servers/login-value.ts';
import { authorityOf } from '../../servers/authority-of.ts';
import type { MysqlLeaserPorts } from './ports.ts';
import { account, quoted, role } from './sql-text.ts';
import { authorityTargetOf, leaseTargetOf } from './target.ts';

/**
 * Makes the user of a lease in one statement, which MySQL does whole or not at all: a login by a new password, of which
 * the server gets the verifier alone, and over TLS alone where there is a network; the roles that the inventory says, on
 * from the first statement on; and whose it is, in the attribute.
 *
 * Runs again: the user gets another password, and the one before works no more.
 */
export async function issueUser(
  ports: MysqlLeaserPorts,
  request: LeaserRequest,
  { holder, purpose }: LeaseHolder,
  times: LeaseTimes,
): Promise<IssuedLease> {
  const { endpoint } = authorityTargetOf(authorityOf(request).declared);
  const { database, roles, connectionLimit, from } = leaseTargetOf(request.leasable);
  const { leaseId, environment, leasable, fence } = request;
  const [user, password] = [userOf(leaseId), newPassword(ports.randomBytes)];
  const named = account({ user, host: from });
  const login = identifiedBy(passwordVerifier(password, ports.randomBytes));
  const memory = { environment, leasable: leasable.name, holder, purpose, fence };
  const attribute = `ATTRIBUTE ${quoted(attributeOf(memory))}`;
  await asAuthority(ports, request, async (session) => {
    await lockLease(ports, session, request);
    const state = await lookAt(ports, session, request);
    assertMayIssue(state, request, times);
    await session.run(
      `the change of user ${user}`,
      state.user
        ? `ALTER USER ${named} ${login} ${attribute}`
        : `CREATE USER ${named} ${login} DEFAULT ROLE ${roles.map(role).join(', ')} ` +
            `REQUIRE ${isPlain(endpoint) ? 'NONE' : 'SSL'} WITH MAX_USER_CONNECTIONS ${Math.trunc(connectionLimit)} ` +
            `PASSWORD EXPIRE NEVER ACCOUNT UNLOCK ${attribute}`,
    );
  });
  const place = { host: endpoint.host, port: endpoint.port, dbname: database };
  return { key: user, value: loginValueText('mysql', { ...place, username: user, password }) };
}

/** How a user logs in. */
export const identifiedBy = (verifier: string): string =>
  `IDENTIFIED WITH 'caching_sha2_password' AS ${verifier}`;

/** MySQL keeps no end of a user's: what moves is which fence has been there. */
export const renewUser = (ports: MysqlLeaserPorts, request: LeaserRequest): Promise<void> =>
  asAuthority(ports, request, async (session) => {
    await lockLease(ports, session, request);
    const state = await lookAt(ports, session, request, 'anywhere');
    const memory = assertMayRenew(state, request);
    if (!state.user) return;
    await session.run(
      `the change of user ${userOf(request.leaseId)}`,
      `ALTER USER ${account(state.user.account)} ATTRIBUTE ${quoted(attributeOf({ ...memory, fence: request.fence }))}`,
    );
  });
