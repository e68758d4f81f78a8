import { LockstepError } from '../../core/errors.ts';
import type { AuthoritySupply } from '../../core/ports/authority-supply.ts';
import { privateKeyValue, readPem } from './value.ts';

/** GitHub makes the key and shows it once, as a file: a person pastes it. */
export const githubAppLeaseSupply: AuthoritySupply = {
  how: 'pasted',
  asksFor: 'the private key of the App, as its settings page gave it (-----BEGIN RSA PRIVATE KEY-----…)',
  read(authority, pasted) {
    const key = readPem(pasted.reveal().trim());
    if (key) return privateKeyValue(key);
    throw new LockstepError(
      'VALUE_MALFORMED',
      `what was pasted for ${authority.name} is no RSA private key in PEM without a passphrase; paste the whole file, its first and last line included`,
    );
  },
};
