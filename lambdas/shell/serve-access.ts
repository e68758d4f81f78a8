import { ACCESS_ALIASES, ACCESS_PATH } from '../contracts/access-wire.ts';
import { LockstepError } from '../core/errors.ts';
import type { AccessRequest } from '../grant-lease/answer-access.ts';
import type { Shown } from '../recognise-caller/recognise-caller.ts';
import { actingForToken, bearerToken } from '../recognise-caller/shown-tokens.ts';
import type { Shell } from './serve.ts';
import { answerUrl, type UrlHandler } from './serve-url.ts';
import type { UrlRequest } from './url-event.ts';

/**
 * The broker behind its two URLs. The alias says which door a request came by, and each door takes one kind of proof:
 * behind `live` IAM has verified a signature; behind `tokens` nothing has been verified. What comes by neither is refused.
 */
export const serveAccess = (shell: Shell, answer: (request: AccessRequest) => Promise<unknown>): UrlHandler =>
  answerUrl(shell, accessRequest, answer);

function accessRequest(request: UrlRequest): AccessRequest {
  const { method, path, body, source } = request;
  if (method !== 'POST' || path !== ACCESS_PATH)
    throw new LockstepError('MALFORMED_REQUEST', `there is POST ${ACCESS_PATH}, and nothing else`);
  return { shown: shownBy(request), body, ...(source === undefined ? {} : { source }) };
}

function shownBy({ alias, iam, headers }: UrlRequest): Shown {
  if (alias === ACCESS_ALIASES.signed && iam)
    return { by: 'sigv4', arn: iam.userArn, ...actingForToken(headers) };
  // Lambda names no caller where a URL has no IAM authorisation: one that is named there was made up.
  if (alias === ACCESS_ALIASES.tokens && !iam) return { by: 'token', token: bearerToken(headers) };
  throw new LockstepError(
    'UNAUTHENTICATED',
    'nothing says who asks: sign the request for the URL that takes signatures, or send a token to the one that takes tokens',
  );
}
