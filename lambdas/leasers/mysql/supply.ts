import type { Leasable, LeaseAuthority } from '../../core/access/access-inventory.ts';
import type { AuthoritySupply, SuppliedValue } from '../../core/ports/authority-supply.ts';
import type { RandomBytes } from '../../core/ports/ids.ts';
import { newPassword } from '../../servers/new-password.ts';
import { grantsFor } from './authority-rights.ts';
import { passwordVerifier } from './caching-sha2.ts';
import { loginValueText } from '../../servers/login-value.ts';
import { account, role } from './sql-text.ts';
import { authorityTargetOf, leaseTargetOf } from './target.ts';

const make = async (authority: LeaseAuthority, randomBytes: RandomBytes): Promise<SuppliedValue> => {
  const { endpoint, user, from } = authorityTargetOf(authority);
  const password = newPassword(randomBytes);
  const verifier = passwordVerifier(password, randomBytes);
  return {
    value: loginValueText('mysql', { host: endpoint.host, port: endpoint.port, username: user, password }),
    statements: [
      `ALTER USER ${account({ user, host: from })} IDENTIFIED WITH 'caching_sha2_password' AS ${verifier} ACCOUNT UNLOCK;`,
    ],
  };
};

/** Roles come first, in comments, because most of them exist; what follows may be run again at any time. */
function preparation(authority: LeaseAuthority, leasables: readonly Leasable[]): readonly string[] {
  const target = authorityTargetOf(authority);
  const databases = [...new Set(leasables.map((leasable) => leaseTargetOf(leasable).database))];
  return [
    ...target.roles.map((each) => `-- CREATE ROLE ${role(each)};  -- with rights in ${databases.join(', ')}`),
    `CREATE USER IF NOT EXISTS ${account({ user: target.user, host: target.from })} ACCOUNT LOCK;`,
    ...grantsFor(target),
    '-- GRANT SYSTEM_USER ON *.* TO each account that it must not be able to change, or declare exposesOthers.',
  ];
}

/** The password is made here; an administrator runs a statement that carries its verifier. Needs no driver. */
export const mysqlLeaseSupply: AuthoritySupply = { how: 'made-here', make, preparation };
