import type { IncomingHttpHeaders } from 'node:http';
import { ACCESS_PATH } from '../../lambdas/contracts/access-wire.ts';
import type { Shown } from '../../lambdas/recognise-caller/recognise-caller.ts';
import { actingForToken, bearerToken, hasBearerToken } from '../../lambdas/recognise-caller/shown-tokens.ts';
import type { ProofAuthenticator } from './authenticate.ts';

/** One request for the broker, as it came. */
export interface AskedRequest {
  readonly method: string;
  readonly target: string;
  readonly body: string;
  readonly headers: IncomingHttpHeaders;
}

/**
 * What a request for the broker shows of who asks: a token, where it brings one and no proof beside it; else a proof of
 * possession, with the token of whom its maker acts for. Throws `UNAUTHENTICATED`.
 */
export async function shownBy(
  authenticator: ProofAuthenticator,
  { method, target, body, headers }: AskedRequest,
): Promise<Shown> {
  const { authorization } = headers;
  if (hasBearerToken(headers) && authorization === undefined)
    return { by: 'token', token: bearerToken(headers) };
  const { actingFor } = actingForToken(headers);
  const proved = { method, target, body, authorization };
  const { is, name } = await authenticator.identify(
    actingFor ? { ...proved, actingFor: actingFor.reveal() } : proved,
  );
  return {
    by: 'embedded',
    identity: { is, principal: `embedded:${name}` },
    ...(actingFor ? { actingFor } : {}),
  };
}

/** Whether a request is for the broker. */
export const isForBroker = (method: string, path: string): boolean =>
  method === 'POST' && path === ACCESS_PATH;
