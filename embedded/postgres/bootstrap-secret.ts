import { chown, readFile } from 'node:fs/promises';
import type { RandomBytes } from '../../lambdas/core/ports/ids.ts';
import { Secret } from '../../lambdas/core/secret.ts';
import { writeOnce } from '../files/write-once.ts';
import type { ServerAccount } from './server-account.ts';
import type { ServerFiles } from './server-files.ts';

/** The superuser that `initdb` makes. Used to provision, and never by Lockstep's own pipeline. */
export const BOOTSTRAP_ROLE = 'postgres';

/**
 * Makes the bootstrap superuser's password, unless there is one from an attempt that did not end. Its only
 * place is this file: mode 0600 from the first byte, owned by the account that `initdb` runs as.
 */
export async function makeBootstrapSecret(
  { bootstrap }: ServerFiles,
  account: ServerAccount | undefined,
  randomBytes: RandomBytes,
): Promise<void> {
  writeOnce(bootstrap, `${Buffer.from(randomBytes(32)).toString('hex')}\n`, 0o600);
  if (account) await chown(bootstrap, account.uid, account.gid);
}

/** Reads it. */
export const readBootstrapSecret = async ({ bootstrap }: ServerFiles): Promise<Secret> =>
  new Secret((await readFile(bootstrap, 'utf8')).trim());
