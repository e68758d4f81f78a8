import type { LeaseAuthority } from '../../core/access/access-inventory.ts';
import type { LeaserRequest } from '../../core/ports/leaser.ts';
import type { Secret } from '../../core/secret.ts';
import { withConnection, type Login, type Session } from './connection.ts';
import { assertLoginOf, readLoginValue } from '../../servers/login-value.ts';
import { authorityOf } from '../../servers/authority-of.ts';
import type { RedisLeaserPorts } from './ports.ts';
import { assertServer } from './server.ts';
import { authorityTargetOf } from './target.ts';

/** The authority's login, as long as its value leads where the inventory says, as the user that it says. */
export function loginOfAuthority(declared: LeaseAuthority, value: Secret): Login {
  const target = authorityTargetOf(declared);
  const login = readLoginValue('redis', value);
  assertLoginOf(login, target);
  return { ...target, password: login.password };
}

/** One connection of the authority's, to a server that can have leases. */
export function asAuthority<T>(
  ports: RedisLeaserPorts,
  request: Pick<LeaserRequest, 'authority' | 'leasable'>,
  work: (session: Session) => Promise<T>,
): Promise<T> {
  const { declared, value } = authorityOf(request);
  return withConnection(ports, loginOfAuthority(declared, value), (session) => {
    assertServer(session);
    return work(session);
  });
}
