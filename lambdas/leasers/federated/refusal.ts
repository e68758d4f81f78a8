import { LockstepError, type ErrorCode } from '../../core/errors.ts';
import type { ApiAnswer } from '../../outbound/api-call.ts';
import { retryAfterSeconds } from '../../outbound/retry-after.ts';

/** What a service says with these words (RFC 6749 §5.2, RFC 8693 §2.2.2): the token is good, or not, for that. Others decide nothing. */
const NOT_GIVEN: ReadonlySet<unknown> = new Set([
  'access_denied',
  'invalid_client',
  'invalid_grant',
  'invalid_scope',
  'invalid_target',
  'unauthorized_client',
]);

/** The error for an answer that is no success. Nothing that the service says is repeated: it may quote the token. */
export function refusalOf(subject: string, answer: ApiAnswer, now: Date): LockstepError {
  const { status, headers } = answer;
  const { code, move } = meaningOf(answer);
  const wait =
    status === 429 || status === 503 ? retryAfterSeconds(headers.get('retry-after'), now) : undefined;
  return new LockstepError(
    code,
    `the service of ${subject} answered ${status} to the exchange of a token; ${move}`,
    wait === undefined ? {} : { retryAfterSeconds: wait },
  );
}

function meaningOf({ status, body }: ApiAnswer): { readonly code: ErrorCode; readonly move: string } {
  if (status === 401 || status === 403 || (status === 400 && NOT_GIVEN.has(errorIn(body))))
    return {
      code: 'TARGET_LACKS_GRANT',
      move: 'what it trusts has to name the issuer, the audience and the subject of the token, and what exchange asks for',
    };
  if (status === 429) return { code: 'TARGET_BUSY', move: 'it will be tried again later' };
  if (status >= 500)
    return {
      code: 'TARGET_UNREACHABLE',
      move: 'whether there is a token that nobody has is unknown; it will be tried again',
    };
  if (status >= 300 && status < 400)
    return { code: 'TARGET_REFUSED', move: 'a redirect is never followed; correct exchange' };
  return { code: 'TARGET_REFUSED', move: 'it does not take the request; correct exchange' };
}

const errorIn = (body: unknown): unknown =>
  typeof body === 'object' && body !== null
    ? Object.getOwnPropertyDescriptor(body, 'error')?.value
    : undefined;
