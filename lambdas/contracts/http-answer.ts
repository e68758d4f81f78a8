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

function statusOf(code: string, remedy: 'sender' | 'retry' | 'operator'): number {
  if (code === 'UNAUTHENTICATED') return 401;
  if (code === 'NOT_BOUND') return 403;
  if (code === 'NOT_YET') return 409;
  if (remedy === 'sender') return 400;
  return remedy === 'operator' ? 409 : 503;
}
