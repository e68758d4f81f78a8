import type { Leasable, LeaseAuthority } from '../../core/access/access-inventory.ts';
import type { AuthoritySupply, SuppliedValue } from '../../core/ports/authority-supply.ts';
import type { RandomBytes } from '../../core/ports/ids.ts';
import { loginValueText } from '../../postgres/login-value.ts';
import { SALT_BYTES, scramVerifier } from '../../postgres/scram-verifier.ts';
import { newPassword } from '../../servers/new-password.ts';
import { authorityTargetOf, leaseTargetOf } from './target.ts';

/** As PostgreSQL quotes a name (https://www.postgresql.org/docs/16/sql-syntax-lexical.html#SQL-SYNTAX-IDENTIFIERS). */
const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;

async function make(authority: LeaseAuthority, randomBytes: RandomBytes): Promise<SuppliedValue> {
  const { endpoint, role, database } = authorityTargetOf(authority);
  const password = newPassword(randomBytes);
  const verifier = await scramVerifier(password, randomBytes(SALT_BYTES));
  const place = { host: endpoint.host, port: endpoint.port, dbname: database };
  return {
    value: loginValueText({ ...place, username: role, password }),
    statements: [`ALTER ROLE ${quoted(role)} LOGIN PASSWORD '${verifier}';`],
  };
}

/** Roles and databases come first, in comments, because most of them exist; what follows may be run again at any time. */
function preparation(authority: LeaseAuthority, leasables: readonly Leasable[]): readonly string[] {
  const { role, roles } = authorityTargetOf(authority);
  const by = quoted(role);
  const databases = [...new Set(leasables.map((leasable) => leaseTargetOf(leasable).database))];
  return [
    ...roles.map(
      (each) => `-- CREATE ROLE ${quoted(each)} NOLOGIN;  -- with the rights that a lease is to have`,
    ),
    `-- CREATE ROLE ${by} NOLOGIN;`,
    `ALTER ROLE ${by} NOSUPERUSER NOCREATEDB CREATEROLE NOREPLICATION NOBYPASSRLS;`,
    ...roles.map((each) => `GRANT ${quoted(each)} TO ${by} WITH ADMIN TRUE, INHERIT FALSE, SET FALSE;`),
    ...databases.flatMap((database) => [
      `GRANT CONNECT ON DATABASE ${quoted(database)} TO ${[role, ...roles].map(quoted).join(', ')};`,
    ]),
  ];
}

/** The password is made here; an administrator runs a statement that carries its verifier. Needs no driver. */
export const postgresLeaseSupply: AuthoritySupply = { how: 'made-here', make, preparation };
