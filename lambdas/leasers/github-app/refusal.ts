import { LockstepError, type ErrorCode } from '../../core/errors.ts';
import { requestIdText, type ApiAnswer } from '../../outbound/api-call.ts';
import { retryAfterSeconds } from '../../outbound/retry-after.ts';

/** The error for an answer that is no success. GitHub's words are not repeated, and decide nothing. */
export function refusalOf(subject: string, { status, headers }: ApiAnswer, now: Date): LockstepError {
  const { code, move } = meaningOf(status, headers);
  const wait = code === 'TARGET_BUSY' ? retryAfterSeconds(headers.get('retry-after'), now) : undefined;
  return new LockstepError(
    code,
    `the API of ${subject} answered ${status}${requestIdText(headers, 'x-github-request-id')}; ${move}`,
    wait === undefined ? {} : { retryAfterSeconds: wait },
  );
}

/** A 403 is also how GitHub says that it has been asked too often (Rate limits for the REST API). */
const isTooOften = (status: number, headers: Headers): boolean =>
  status === 429 ||
  (status === 403 && (headers.has('retry-after') || headers.get('x-ratelimit-remaining') === '0'));

function meaningOf(status: number, headers: Headers): { readonly code: ErrorCode; readonly move: string } {
  if (isTooOften(status, headers)) return { code: 'TARGET_BUSY', move: 'it will be tried again later' };
  switch (status) {
    case 401:
      return {
        code: 'TARGET_REFUSES_LOGIN',
        move: 'it does not take the private key for that client id; supply the key of the App that clientId names',
      };
    case 403:
      return { code: 'TARGET_LACKS_GRANT', move: 'is the installation suspended?' };
    case 404:
      return {
        code: 'TARGET_REFUSED',
        move: 'the App has no installation of that number; correct installation',
      };
    case 422:
      return {
        code: 'TARGET_LACKS_GRANT',
        move: 'the installation does not have these repositories or permissions; give it what access declares, or correct access',
      };
    default:
      if (status >= 500)
        return {
          code: 'TARGET_UNREACHABLE',
          move: 'whether there is a token that nobody has is unknown; it will be tried again',
        };
      if (status >= 300 && status < 400)
        return { code: 'TARGET_REFUSED', move: 'a redirect is never followed; correct apiUrl' };
      return { code: 'TARGET_REFUSED', move: 'look the request id up with GitHub; is apiUrl its API?' };
  }
}
