import type { PostgresTarget } from './kind.ts';

/**
 * Everything that an administrator has to run once before Lockstep can change the slots of a credential:
 * `lockstep inventory check` prints it. The roles and the database themselves come first, in comments, because
 * most of them exist; what follows may be run again at any time and changes no password.
 *
 * Made of text alone, without the driver, so that the command line need not carry it.
 *
 * @param authority the role that changes the slots
 */
export function preparationStatements(target: PostgresTarget, authority: string): readonly string[] {
  const { slots, ownerRole, database } = target;
  const [owner, by] = [quoted(ownerRole), quoted(authority)];
  return [
    `-- CREATE ROLE ${owner} NOLOGIN;`,
    ...slots.map((slot) => `-- CREATE ROLE ${quoted(slot)} LOGIN;`),
    `-- CREATE ROLE ${by} LOGIN;  -- and give it a first password by hand`,
    `-- CREATE DATABASE ${quoted(database)} OWNER ${owner};`,
    `ALTER ROLE ${by} CREATEROLE;`,
    `GRANT pg_read_all_stats, pg_signal_backend TO ${by};`,
    ...slots.flatMap((slot) => [
      `GRANT ${owner} TO ${quoted(slot)};`,
      `ALTER ROLE ${quoted(slot)} SET role = ${owner};`,
      `GRANT ${quoted(slot)} TO ${by} WITH ADMIN OPTION;`,
      `GRANT CONNECT ON DATABASE ${quoted(database)} TO ${quoted(slot)};`,
    ]),
  ];
}

/** As PostgreSQL quotes a name (https://www.postgresql.org/docs/16/sql-syntax-lexical.html#SQL-SYNTAX-IDENTIFIERS). */
const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;
