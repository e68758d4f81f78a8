import type { LeaseAuthority } from '../../core/access/access-inventory.ts';
import type { LeaserRequest } from '../../core/ports/leaser.ts';
import type { Secret } from '../../core/secret.ts';
import { withConnection, type Login, type Session } from './connection.ts';
import { assertLoginOf, readLoginValue } from '../../servers/login-value.ts';
import { authorityOf } from '../../servers/authority-of.ts';
import type { MysqlLeaserPorts } from './ports.ts';
import { authorityTargetOf } from './target.ts';

/** The authority's login, as long as its value leads where the inventory says, as the user that it says. */
export function loginOfAuthority(declared: LeaseAuthority, value: Secret): Login {
  const { endpoint, user } = authorityTargetOf(declared);
  const login = readLoginValue('mysql', value);
  assertLoginOf(login, { endpoint, user });
  return { endpoint, user, password: login.password };
}

/** One connection of the authority's. */
export function asAuthority<T>(
  ports: MysqlLeaserPorts,
  request: Pick<LeaserRequest, 'authority' | 'leasable'>,
  work: (session: Session) => Promise<T>,
): Promise<T> {
  const { declared, value } = authorityOf(request);
  return withConnection(ports, loginOfAuthority(declared, value), work);
}
