import { toFailure, type Failure } from '../contracts/failure.ts';
import { isLockstepError } from '../core/errors.ts';
import type { Log } from './log.ts';

/**
 * Runs what a function was invoked for and waited for, and answers with the result, or with our own error in
 * the form in which it can cross. Anything else is thrown on: the runtime reports it as a crash, and the
 * invoker takes the effect as unknown, which is the truth.
 */
export async function answerInvocation<T>(log: Log, work: () => Promise<T>): Promise<T | Failure> {
  try {
    return await work();
  } catch (error) {
    log.failure('invocation failed', error);
    if (isLockstepError(error)) return toFailure(error);
    throw error;
  }
}
