import { decodeJwt, decodeProtectedHeader, jwtVerify } from 'jose';
import type { DoubleApp } from './github-double.ts';

/**
 * Which App a token speaks for, as GitHub's page about such tokens says: RS256, `iss` the client id or the number of the
 * App, `iat` not in the future, `exp` no more than ten minutes ahead. `undefined` for what GitHub answers 401 to.
 */
export async function verifyAppToken(
  apps: readonly DoubleApp[],
  token: string,
  nowSeconds: number,
): Promise<DoubleApp | undefined> {
  const { alg } = decodeProtectedHeader(token);
  const { iss, iat = Infinity, exp = Infinity, ...others } = decodeJwt(token);
  if (alg !== 'RS256') throw new Error(`a token of the App is signed with ${String(alg)}`);
  if (Object.keys(others).length > 0) throw new Error('a token of the App says more than it has to');
  if (iat > nowSeconds || exp <= nowSeconds || exp > nowSeconds + 600)
    throw new Error('a token of the App is from the future, over, or for more than ten minutes');
  const app = apps.find(({ id, clientId }) => iss === clientId || iss === String(id));
  if (!app) return undefined;
  const currentDate = new Date(nowSeconds * 1000);
  return jwtVerify(token, app.publicKey, { algorithms: ['RS256'], currentDate }).then(
    () => app,
    () => undefined,
  );
}
