import { LockstepError } from '../../core/errors.ts';
import type { AuthoritySupply } from '../../core/ports/authority-supply.ts';
import { Secret } from '../../core/secret.ts';
import { adminKeyValue, isAdminKey } from './value.ts';

/** An admin key is made in the provider's console: a person pastes it. */
export const openaiLeaseSupply: AuthoritySupply = {
  how: 'pasted',
  asksFor: 'an admin key of the organization (sk-admin-…), made for leases alone',
  read(authority, pasted) {
    const key = pasted.reveal().trim();
    if (isAdminKey(key)) return adminKeyValue(new Secret(key));
    throw new LockstepError(
      'VALUE_MALFORMED',
      `what was pasted for ${authority.name} is no admin key: it should be one line that starts with sk-`,
    );
  },
};
