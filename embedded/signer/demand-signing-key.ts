import { existsSync, readdirSync } from 'node:fs';
import { LockstepError } from '../../lambdas/core/errors.ts';

/** Where heads and the key that signs them lie. */
export interface SigningPlace {
  readonly heads: string;
  readonly keys: { readonly seal: string };
}

/**
 * Refuses to go on with a new key where heads are signed by another: they would not verify any more, and whoever
 * takes a key away could so have everything before that moment look like an accident. Throws `STORE_DAMAGED`.
 */
export function demandSigningKey({ heads, keys }: SigningPlace): void {
  if (existsSync(keys.seal) || !hasFiles(heads)) return;
  throw new LockstepError(
    'STORE_DAMAGED',
    `the key that signs the audit is not in ${keys.seal}, and ${heads} holds heads that it has signed; put it back. ` +
      'Where there is no copy, begin anew: remove .lockstep and .lockstep-keys together',
  );
}

const hasFiles = (folder: string): boolean =>
  existsSync(folder) &&
  readdirSync(folder, { recursive: true, withFileTypes: true }).some((entry) => entry.isFile());
