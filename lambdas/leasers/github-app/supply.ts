import { LockstepError } from '../../core/errors.ts';
import type { AuthoritySupply } from '../../core/ports/authority-supply.ts';
import { privateKeyValue, readPem } from './value.ts';

/** GitHub makes the key and gives it once, as a file: a person hands that over. */
export const githubAppLeaseSupply: AuthoritySupply = {
  how: 'pasted',
  asksFor: 'the private key of the App, a file of many lines (--from-stdin < app.private-key.pem)',
  read(authority, pasted) {
    const key = readPem(pasted.reveal().trim());
    if (key) return privateKeyValue(key);
    throw new LockstepError(
      'VALUE_MALFORMED',
      `what was given for ${authority.name} is no RSA private key in PEM without a passphrase; give the whole file: lockstep supply ${authority.name} --from-stdin < app.private-key.pem`,
    );
  },
};
