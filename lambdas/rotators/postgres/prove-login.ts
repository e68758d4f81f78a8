import { escapeIdentifier } from 'pg';
import { isLockstepError, LockstepError } from '../../core/errors.ts';
import type { Credential } from '../../core/credential.ts';
import type { HeldVersion } from '../../core/ports/rotator.ts';
import { withConnection, type Login, type Session } from '../../postgres/connection.ts';
import {
  assertLeadsTo,
  readLoginValue,
  type DeclaredLogin,
  type LoginValue,
} from '../../postgres/login-value.ts';
import type { PostgresPorts } from '../../postgres/ports.ts';
import { refusesCredential, sqlState } from '../../postgres/sql-state.ts';

/** A version that is tried, and where. */
export interface Trial {
  readonly credential: Credential;
  readonly held: HeldVersion;
  readonly declared: DeclaredLogin;
}

const loginOf = ({ endpoint }: DeclaredLogin, { dbname, username, password }: LoginValue): Login => ({
  endpoint,
  database: dbname,
  role: username,
  password,
});

/**
 * Logs in with a version as its dependents do, and lets `probe` use the session. A refusal of the credential
 * itself is `SUCCESSOR_REJECTED`; every other failure says nothing about it and keeps its own name.
 */
export async function proveLogin(
  ports: PostgresPorts,
  { credential, held, declared }: Trial,
  probe: (session: Session) => Promise<void>,
): Promise<void> {
  const value = readLoginValue(held.value);
  assertLeadsTo(value, declared);
  try {
    await withConnection(ports, loginOf(declared, value), 'verify', async (session) => {
      await assertIsItself(session, value.username);
      await probe(session);
    });
  } catch (error) {
    if (!isRefusal(error)) throw error;
    throw new LockstepError(
      'SUCCESSOR_REJECTED',
      `PostgreSQL at ${declared.endpoint.host}:${declared.endpoint.port} refuses version ${held.version} of ${credential.name} (role ${value.username}); ` +
        'dependents keep what they have; see: lockstep status',
      { cause: error },
    );
  }
}

/** A pooler in between may log in as somebody else. */
async function assertIsItself(session: Session, role: string): Promise<void> {
  const [row] = await session.query<{ readonly login: string }>(
    'the probe',
    'SELECT session_user::text AS "login"',
  );
  if (row?.login === role) return;
  throw new LockstepError(
    'SUCCESSOR_REJECTED',
    `a login as role ${role} ends up as another role; a pooler in between maps it, which is not supported`,
  );
}

/**
 * A slot has to act as its owner role from its first statement on: what it made under its own name would be
 * closed to the other slot after the next rotation.
 */
export async function probeOwnerRole(session: Session, ownerRole: string): Promise<void> {
  const { role } = session.subject;
  const [to, owner] = [escapeIdentifier(role), escapeIdentifier(ownerRole)];
  const lacks = (what: string, statement: string): LockstepError =>
    new LockstepError('TARGET_LACKS_GRANT', `role ${role} ${what}; as an administrator run: ${statement}`);

  const [row] = await session.query<{ readonly actsAs: string }>(
    'the probe',
    'SELECT current_user::text AS "actsAs"',
  );
  if (row?.actsAs === ownerRole) return;
  await session.run('the probe', `SET ROLE ${owner}`).catch((error: unknown) => {
    if (!(error instanceof LockstepError) || sqlState(error.cause) !== '42501') throw error;
    throw lacks(`may not act as ${ownerRole}`, `GRANT ${owner} TO ${to};`);
  });
  throw lacks(`does not act as ${ownerRole} when it logs in`, `ALTER ROLE ${to} SET role = ${owner};`);
}

/**
 * Tries a version that should have ended. Only a refusal of the credential itself counts as refused: a server
 * that could not be asked, or that turns everybody away, has said nothing.
 */
export async function proveEnded(
  ports: PostgresPorts,
  { held, declared }: Trial,
): Promise<'refused' | 'accepted' | 'unknown'> {
  const value = readLoginValue(held.value);
  const leadsElsewhere =
    value.host.toLowerCase() !== declared.endpoint.host.toLowerCase() ||
    value.port !== declared.endpoint.port;
  // It was made for another server, which nobody asks any more.
  if (leadsElsewhere) return 'unknown';
  try {
    await withConnection(ports, loginOf(declared, value), 'prove-refused', () => Promise.resolve());
    return 'accepted';
  } catch (error) {
    if (isRefusal(error)) return 'refused';
    if (isLockstepError(error)) return 'unknown';
    throw error;
  }
}

const isRefusal = (error: unknown): boolean =>
  isLockstepError(error, 'TARGET_REFUSES_LOGIN') && refusesCredential(error.cause);
