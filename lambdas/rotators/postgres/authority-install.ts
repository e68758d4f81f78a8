import { escapeIdentifier } from 'pg';
import { LockstepError } from '../../core/errors.ts';
import type { HeldVersion, RotatorRequest } from '../../core/ports/rotator.ts';
import { withConnection, type Session } from '../../postgres/connection.ts';
import { assertLeadsTo, readLoginValue, type LoginValue } from '../../postgres/login-value.ts';
import { timeoutsOf, type PostgresPorts } from '../../postgres/ports.ts';
import { SALT_BYTES, scramVerifier } from '../../postgres/scram-verifier.ts';
import { postgresAuthorityTarget } from './target.ts';
import { inTransaction } from '../../postgres/transaction.ts';

/**
 * How old the session of an installation may be when it has the lock, in seconds. A process that stood still
 * after its login may have been overtaken by the next rotation, and would put an older password back. Far
 * below the shortest time between two rotations of one credential, which the lock sees to.
 */
const STALE_AFTER_SECONDS = 8;

/**
 * The authority changes its own password: from the commit on only the successor works. One connection, no
 * refused login on the straight way.
 *
 * Runs again after a lost answer: the current value is refused then, `withAuthority` goes on with the pending
 * one, and that it is let in is the proof that it was installed.
 *
 * There is no fence here, because PostgreSQL gives a role that is no superuser no place of its own for one
 * (16: no comment on itself, no setting of a name that the server does not know); hence the lock, the server's
 * timeout for a transaction that stands still, and the age of the session.
 */
export async function installAuthority(
  ports: PostgresPorts,
  request: RotatorRequest,
  successor: HeldVersion,
): Promise<void> {
  const { role } = postgresAuthorityTarget(request.credential);
  const next = ownLogin(request, successor);
  return asItself(ports, request, 'install', async (session, used) => {
    if (used.equals(next.password)) return;
    const verifier = await scramVerifier(next.password, ports.randomBytes(SALT_BYTES));
    await inTransaction(session, role, timeoutsOf(ports), async () => {
      await assertFresh(session, role);
      await session.run(
        `the change of role ${role}'s own password`,
        `ALTER ROLE ${escapeIdentifier(role)} PASSWORD '${verifier}'`,
      );
    });
  });
}

/** A value of the authority's that leads where the inventory says, as the role that it says. */
function ownLogin({ credential }: RotatorRequest, { value }: Pick<HeldVersion, 'value'>): LoginValue {
  const target = postgresAuthorityTarget(credential);
  const login = readLoginValue(value);
  assertLeadsTo(login, target);
  if (login.username === target.role) return login;
  throw new LockstepError(
    'VALUE_MALFORMED',
    `a value of ${credential.name} must be the login of role ${target.role}; put a correct one, or correct the inventory`,
  );
}

/** One connection of the authority to itself. */
export async function asItself<T>(
  ports: PostgresPorts,
  request: RotatorRequest,
  purpose: 'install' | 'revoke' | 'stop',
  work: (session: Session, used: LoginValue['password']) => Promise<T>,
): Promise<T> {
  const { endpoint, role, database } = postgresAuthorityTarget(request.credential);
  return request.withAuthority((value) => {
    const { password } = ownLogin(request, { value });
    return withConnection(ports, { endpoint, database, role, password }, purpose, (session) =>
      work(session, password),
    );
  });
}

async function assertFresh(session: Session, role: string): Promise<void> {
  const [row] = await session.query<{ readonly isStale: boolean }>(
    'the look at our own session',
    `SELECT clock_timestamp() - backend_start > make_interval(secs => $1) AS "isStale"
       FROM pg_stat_activity WHERE pid = pg_backend_pid()`,
    [STALE_AFTER_SECONDS],
  );
  if (row?.isStale === false) return;
  throw new LockstepError(
    'TARGET_BUSY',
    `changing the password of role ${role} took too long to begin, and something newer may have come; it is tried again`,
  );
}
