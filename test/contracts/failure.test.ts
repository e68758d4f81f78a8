import { describe, expect, it } from 'vitest';
import { fromFailure, readAnswer, toFailure } from '../../lambdas/contracts/failure.ts';
import { LockstepError } from '../../lambdas/core/errors.ts';

describe('an error', () => {
  it('crosses as code, message and wait, and nothing else', () => {
    const error = new LockstepError('TARGET_BUSY', 'm', {
      retryAfterSeconds: 3,
      cause: new Error('not-a-real'),
    });
    expect(toFailure(error)).toEqual({
      errorType: 'LockstepError',
      code: 'TARGET_BUSY',
      message: 'm',
      retryAfterSeconds: 3,
    });
    expect(toFailure(new LockstepError('HELD', 'm'))).toEqual({
      errorType: 'LockstepError',
      code: 'HELD',
      message: 'm',
    });
  });

  it.each([
    undefined,
    null,
    {},
    { errorType: 'Error', code: 'HELD', message: 'm' },
    { errorType: 'LockstepError', code: 'UNEXPECTED', message: 'm' },
    { errorType: 'LockstepError', code: 'constructor', message: 'm' },
    { errorType: 'LockstepError', code: 'HELD' },
    { errorType: 'LockstepError', code: 'HELD', message: 'm', retryAfterSeconds: '3' },
    { errorType: 'LockstepError', errorMessage: 'm', trace: [] },
  ])('is not made of %j', (value) => {
    expect(fromFailure(value)).toBeUndefined();
  });
});

describe('an answer', () => {
  it.each([
    ['{"works":true}', { kind: 'value', value: { works: true } }],
    ['null', { kind: 'value', value: null }],
    ['', { kind: 'unreadable' }],
    ['{"works":', { kind: 'unreadable' }],
  ])('%j', (payload, answer) => {
    expect(readAnswer(payload)).toEqual(answer);
  });

  it('may be a failure', () => {
    const answer = readAnswer(JSON.stringify(toFailure(new LockstepError('HELD', 'm'))));
    expect(answer).toMatchObject({ kind: 'failure', error: { code: 'HELD', remedy: 'operator' } });
  });
});
