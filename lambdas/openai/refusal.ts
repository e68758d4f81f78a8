import { LockstepError, type ErrorCode } from '../core/errors.ts';
import { requestIdText, type ApiAnswer } from '../outbound/api-call.ts';
import { retryAfterSeconds } from '../outbound/retry-after.ts';

/**
 * The error for an answer that is no success. The provider's words decide nothing but one case, and are never
 * repeated: they quote keys in part (`Incorrect API key provided: sk-…`).
 */
export function refusalOf(subject: string, { status, headers, body }: ApiAnswer, now: Date): LockstepError {
  const { code, move } = meaningOf(status, body);
  const wait =
    status === 429 || status === 503 ? retryAfterSeconds(headers.get('retry-after'), now) : undefined;
  return new LockstepError(
    code,
    `the API of ${subject} answered ${status}${requestIdText(headers, 'x-request-id')}; ${move}`,
    wait === undefined ? {} : { retryAfterSeconds: wait },
  );
}

function meaningOf(status: number, body: unknown): { readonly code: ErrorCode; readonly move: string } {
  if (status === 403 || (status === 401 && lacksScopes(body)))
    return {
      code: 'TARGET_LACKS_GRANT',
      move: 'the key is known there but lacks a scope or a role for this',
    };
  if (status === 401) return { code: 'TARGET_REFUSES_LOGIN', move: 'the key is not accepted there' };
  if (status === 429) return { code: 'TARGET_BUSY', move: 'it will be tried again later' };
  if (status >= 500)
    return {
      code: 'TARGET_UNREACHABLE',
      move: 'whether it had an effect is unknown; it will be tried again',
    };
  if (status >= 300 && status < 400)
    return { code: 'TARGET_REFUSED', move: 'a redirect is never followed; correct apiUrl' };
  return {
    code: 'TARGET_REFUSED',
    move: 'look the request id up with the provider, and check project and limits',
  };
}

/**
 * OpenAI answers 401 also to a key that it knows, where a scope is missing; then `code` is null and the text
 * names the scopes (community.openai.com/t/1345041). A key that it does not know has a code, `invalid_api_key`.
 */
function lacksScopes(body: unknown): boolean {
  const error = fieldOf(body, 'error');
  const message = fieldOf(error, 'message');
  return fieldOf(error, 'code') === null && typeof message === 'string' && message.includes('Missing scopes');
}

const fieldOf = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null
    ? Object.getOwnPropertyDescriptor(value, name)?.value
    : undefined;
