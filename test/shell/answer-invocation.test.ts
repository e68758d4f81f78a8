import { expect, it } from 'vitest';
import { fromFailure } from '../../lambdas/contracts/failure.ts';
import { LockstepError } from '../../lambdas/core/errors.ts';
import { answerInvocation } from '../../lambdas/shell/answer-invocation.ts';
import { createLog } from '../../lambdas/shell/log.ts';

function aLog() {
  const lines: string[] = [];
  return {
    lines,
    log: createLog({ level: 'info', clock: () => new Date(0), write: (line) => void lines.push(line) }),
  };
}

it('answers with what the work returned', async () => {
  const { log, lines } = aLog();
  expect(await answerInvocation(log, async () => ({ works: true }))).toEqual({ works: true });
  expect(lines).toEqual([]);
});

it('answers with our own error in the form in which it crosses, without its cause', async () => {
  const { log, lines } = aLog();
  const cause = new Error('not-a-real-secret');
  const thrown = new LockstepError('TARGET_BUSY', 'try later', { retryAfterSeconds: 9, cause });
  const answer = JSON.stringify(await answerInvocation(log, () => Promise.reject(thrown)));
  expect(answer).not.toContain('not-a-real');
  expect(fromFailure(JSON.parse(answer))).toMatchObject({
    code: 'TARGET_BUSY',
    message: 'try later',
    remedy: 'retry',
    retryAfterSeconds: 9,
  });
  expect(lines).toHaveLength(1);
});

it('throws on what is not ours, having logged its class only', async () => {
  const { log, lines } = aLog();
  const thrown = new TypeError('not-a-real-secret');
  await expect(answerInvocation(log, () => Promise.reject(thrown))).rejects.toBe(thrown);
  expect(lines.join()).toContain('TypeError');
  expect(lines.join()).not.toContain('not-a-real');
});
