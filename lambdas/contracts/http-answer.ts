import { describeError, isLockstepError } from '../core/errors.ts';
import { toFailure } from './failure.ts';

/** What an endpoint of ours answers, in either world. */
export interface HttpAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: unknown;
}

/** A result. */
export const okAnswer = (body: unknown): HttpAnswer => ({ status: 200, headers: {}, body });

/**
 * A failure: its status says who acts next. Ours tells its code and message; of a foreign error only that
 * there was one, since its text may hold what it was given.
 */
export function failureAnswer(error: unknown): HttpAnswer {
  if (!isLockstepError(error)) return { status: 500, headers: {}, body: describeError(error) };
  const wait = error.retryAfterSeconds;
  const headers = wait === undefined ? {} : { 'retry-after': String(Math.ceil(wait)) };
  return { status: statusOf(error.code, error.remedy), headers, body: toFailure(error) };
}

/** Codes whose status says more than who acts next: what is between an asker and the answer understands those (RFC 9110 §15.5). */
const STATUS: Readonly<Record<string, number>> = {
  UNAUTHENTICATED: 401,
  TOKEN_REPLAYED: 401,
  NOT_BOUND: 403,
  POLICY_DENIED: 403,
  NOT_THE_HOLDER: 403,
  NOT_YET: 409,
  LEASE_LIMIT: 429,
};

function statusOf(code: string, remedy: 'sender' | 'retry' | 'operator'): number {
  const known = STATUS[code];
  if (known !== undefined) return known;
  if (remedy === 'sender') return 400;
  return remedy === 'operator' ? 409 : 503;
}
