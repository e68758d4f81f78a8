import { afterEach, beforeEach } from 'vitest';
import { isLockstepError, type ErrorCode } from '../../lambdas/core/errors.ts';

/** Something that a suite makes before each test and clears away after it. */
export interface UnderTest {
  readonly cleanUp: () => Promise<void>;
}

/** Makes a subject for each test; call it inside `describe`, and the result inside a test. */
export function eachTime<T extends UnderTest>(make: () => Promise<T>): () => T {
  let subject: T | undefined;
  beforeEach(async () => {
    subject = await make();
  });
  afterEach(async () => {
    await subject?.cleanUp();
    subject = undefined;
  });
  return () => {
    if (subject) return subject;
    throw new TypeError('there is a subject only inside a test');
  };
}

/** The code that a call fails with; `none` where it does not, which no expectation names. */
export async function codeOf(call: Promise<unknown>): Promise<ErrorCode | 'none' | 'foreign'> {
  try {
    await call;
    return 'none';
  } catch (error) {
    return isLockstepError(error) ? error.code : 'foreign';
  }
}
