import { escapeIdentifier, escapeLiteral } from 'pg';

/** A database with its owner and the two logins that take turns. */
export interface ProvisionedDatabase {
  readonly database: string;
  /** Owns the database and everything in it; nobody logs in as it. */
  readonly ownerRole: string;
  readonly slots: readonly [string, string];
}

/** One thing to see to. */
export interface ProvisioningStep {
  /** Finds a row where it is there already; absent for a command that may be repeated. */
  readonly exists?: { readonly text: string; readonly values: readonly string[] };
  readonly make: string;
}

/** What the steps are made from. */
export interface ProvisioningPlan {
  readonly authority: { readonly role: string; readonly verifier: string };
  readonly databases: readonly ProvisionedDatabase[];
}

/** Everything to see to, in order. */
export const provisioningSteps = ({
  authority,
  databases,
}: ProvisioningPlan): readonly ProvisioningStep[] => [
  ...authoritySteps(authority),
  ...databases.flatMap((database) => databaseSteps(database, authority.role)),
];

/** As an administrator on RDS: no superuser, but one who makes roles, sees all sessions and may end them. */
function authoritySteps({ role, verifier }: ProvisioningPlan['authority']): readonly ProvisioningStep[] {
  const name = escapeIdentifier(role);
  return [
    makeRole(role, `LOGIN PASSWORD ${escapeLiteral(verifier)}`),
    { make: `ALTER ROLE ${name} NOSUPERUSER CREATEROLE` },
    { make: `GRANT pg_read_all_stats, pg_signal_backend TO ${name}` },
  ];
}

function databaseSteps(wanted: ProvisionedDatabase, authority: string): readonly ProvisioningStep[] {
  const [database, owner] = [escapeIdentifier(wanted.database), escapeIdentifier(wanted.ownerRole)];
  return [
    makeRole(wanted.ownerRole, 'NOLOGIN'),
    {
      exists: { text: 'SELECT FROM pg_database WHERE datname = $1', values: [wanted.database] },
      make: `CREATE DATABASE ${database} OWNER ${owner}`,
    },
    { make: `REVOKE ALL ON DATABASE ${database} FROM PUBLIC` },
    ...wanted.slots.flatMap((slot) => slotSteps(slot, owner, escapeIdentifier(authority))),
  ];
}

/** A slot begins without a password: nobody can log in until a first value is installed. */
function slotSteps(slot: string, owner: string, authority: string): readonly ProvisioningStep[] {
  const name = escapeIdentifier(slot);
  return [
    makeRole(slot, 'LOGIN'),
    { make: `GRANT ${owner} TO ${name}` },
    // What a slot makes belongs to the owner role, so the other slot can use it after the change.
    { make: `ALTER ROLE ${name} SET role = ${owner}` },
    // As CREATE ROLE gives it to a role that is no superuser: to change it, not to be it.
    { make: `GRANT ${name} TO ${authority} WITH ADMIN TRUE, INHERIT FALSE, SET FALSE` },
  ];
}

/** Makes a role that is not there yet. */
export const makeRole = (role: string, attributes: string): ProvisioningStep => ({
  exists: { text: 'SELECT FROM pg_roles WHERE rolname = $1', values: [role] },
  make: `CREATE ROLE ${escapeIdentifier(role)} ${attributes}`,
});
