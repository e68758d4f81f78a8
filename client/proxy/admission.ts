import { randomBytes } from 'node:crypto';
import { LockstepError } from '../../lambdas/core/errors.ts';
import { headerList, valuesOf } from './header-list.ts';
import { PassSecret } from './pass-secret.ts';
import type { Pass } from './pass.ts';

/** Compared with where there is no pass of that name. */
const NOBODY = new PassSecret((length) => randomBytes(length));

/**
 * The pass that a request shows (`Proxy-Authorization: Basic`, RFC 7617: the pass's name and its secret).
 *
 * Other processes of this machine can reach the proxy. Without the secret they get nothing, and learn nothing: whether a
 * pass of that name exists takes as long to answer as whether the secret is right.
 *
 * Throws `UNAUTHENTICATED`, in one wording for every reason.
 */
export function admit(passes: ReadonlyMap<string, Pass>, rawHeaders: readonly string[]): Pass {
  const [given = '', ...more] = valuesOf(headerList(rawHeaders), 'proxy-authorization');
  const [, encoded = ''] = /^Basic +([A-Za-z0-9+/]{1,512}={0,2})$/i.exec(given) ?? [];
  const login = Buffer.from(encoded, 'base64').toString('utf8');
  const at = login.indexOf(':');
  const [name, secret] = at < 0 ? ['', ''] : [login.slice(0, at), login.slice(at + 1)];
  const pass = passes.get(name);
  const isRight = (pass?.secret ?? NOBODY).is(secret);
  if (pass && isRight && more.length === 0) return pass;
  throw new LockstepError(
    'UNAUTHENTICATED',
    'the proxy serves whoever shows the secret of a pass; start the program with the settings that came with the lease',
  );
}
