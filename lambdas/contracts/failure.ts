import { LockstepError, REMEDIES, type ErrorCode } from '../core/errors.ts';
import { fit, number, oneOf, optional, record, text } from './check.ts';

/** How one of our errors crosses from a function to whoever invoked it, so that its remedy survives. */
export interface Failure {
  readonly errorType: 'LockstepError';
  readonly code: ErrorCode;
  readonly message: string;
  readonly retryAfterSeconds?: number;
}

/** The form in which an error crosses. The cause stays behind. */
export function toFailure({ code, message, retryAfterSeconds }: LockstepError): Failure {
  return {
    errorType: 'LockstepError',
    code,
    message,
    ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
  };
}

const failure = record<Failure>({
  errorType: oneOf('LockstepError'),
  code: oneOf<ErrorCode>(...(Object.keys(REMEDIES) as ErrorCode[])),
  message: text,
  retryAfterSeconds: optional(number),
});

/** The error that crossed, or `undefined` where the value is not one. A code of a newer sender is not one. */
export function fromFailure(value: unknown): LockstepError | undefined {
  try {
    const { code, message, retryAfterSeconds } = fit(failure, value, 'MALFORMED_REQUEST', 'a failure');
    return new LockstepError(code, message, retryAfterSeconds === undefined ? {} : { retryAfterSeconds });
  } catch {
    return undefined;
  }
}

/** What a function that was invoked sent back. */
export type Answer =
  | { readonly kind: 'value'; readonly value: unknown }
  | { readonly kind: 'failure'; readonly error: LockstepError }
  /** Not JSON, or nothing: it says nothing about what the function did. */
  | { readonly kind: 'unreadable' };

/** Reads the payload of an invocation. */
export function readAnswer(payload: string): Answer {
  try {
    const value: unknown = JSON.parse(payload);
    const error = fromFailure(value);
    return error ? { kind: 'failure', error } : { kind: 'value', value };
  } catch {
    return { kind: 'unreadable' };
  }
}
