import type { LeaseAuthority } from '../../core/access/access-inventory.ts';
import { LockstepError } from '../../core/errors.ts';
import type { LeaserRequest } from '../../core/ports/leaser.ts';
import type { Secret } from '../../core/secret.ts';
import { withConnection, type Login, type Session } from '../../postgres/connection.ts';
import { assertLeadsTo, readLoginValue } from '../../postgres/login-value.ts';
import type { ConnectionPurpose, PostgresPorts } from '../../postgres/ports.ts';
import { authorityOf } from '../../servers/authority-of.ts';
import { authorityTargetOf } from './target.ts';

/** The authority's login, as long as its value leads where the inventory says, as the role that it says. */
export function loginOfAuthority(declared: LeaseAuthority, value: Secret): Login {
  const { endpoint, role, database } = authorityTargetOf(declared);
  const login = readLoginValue(value);
  assertLeadsTo(login, { endpoint, database });
  if (login.username === role) return { endpoint, database, role, password: login.password };
  throw new LockstepError(
    'VALUE_MALFORMED',
    `a value of ${declared.name} must be the login of role ${role}; supply a correct one, or correct the inventory`,
  );
}

/**
 * One connection of the authority's.
 *
 * @param database another one than it usually logs in to
 */
export function asAuthority<T>(
  ports: PostgresPorts,
  request: Pick<LeaserRequest, 'authority' | 'leasable'>,
  purpose: ConnectionPurpose,
  work: (session: Session) => Promise<T>,
  database?: string,
): Promise<T> {
  const { declared, value } = authorityOf(request);
  const login = loginOfAuthority(declared, value);
  return withConnection(ports, { ...login, database: database ?? login.database }, purpose, work);
}
