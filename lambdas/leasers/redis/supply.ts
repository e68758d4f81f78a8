import type { LeaseAuthority } from '../../core/access/access-inventory.ts';
import type { AuthoritySupply, SuppliedValue } from '../../core/ports/authority-supply.ts';
import type { RandomBytes } from '../../core/ports/ids.ts';
import { newPassword } from '../../servers/new-password.ts';
import { AUTHORITY_RULES, digestRule } from './acl-rules.ts';
import { loginValueText } from '../../servers/login-value.ts';
import { authorityTargetOf } from './target.ts';

const make = async (authority: LeaseAuthority, randomBytes: RandomBytes): Promise<SuppliedValue> => {
  const { endpoint, user } = authorityTargetOf(authority);
  const password = newPassword(randomBytes);
  return {
    value: loginValueText('redis', { host: endpoint.host, port: endpoint.port, username: user, password }),
    statements: [`ACL SETUSER ${user} resetpass ${digestRule(password)}`],
  };
};

const preparation = (authority: LeaseAuthority): readonly string[] => [
  `ACL SETUSER ${authorityTargetOf(authority).user} ${AUTHORITY_RULES.join(' ')}`,
  '# With an aclfile, keep it for the next start: ACL SAVE. Without one, write the line into redis.conf.',
];

/** The password is made here; an administrator runs a line that carries its digest. Needs no driver. */
export const redisLeaseSupply: AuthoritySupply = { how: 'made-here', make, preparation };
