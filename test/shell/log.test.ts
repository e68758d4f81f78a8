import { describe, expect, it } from 'vitest';
import { LockstepError } from '../../lambdas/core/errors.ts';
import { Secret } from '../../lambdas/core/secret.ts';
import { createLog, LEVELS, type Level, type LogFields } from '../../lambdas/shell/log.ts';

const clock = (): Date => new Date('2026-11-24T09:00:00.000Z');

/** A log, and the lines that it wrote. */
function aLog(level: Level = 'debug', always?: LogFields) {
  const lines: string[] = [];
  const log = createLog({ level, clock, write: (line) => void lines.push(line), ...(always && { always }) });
  return { log, lines, last: () => JSON.parse(lines.at(-1) ?? '{}') as Record<string, unknown> };
}

it('writes one JSON object a line, however the text looks', () => {
  const { log, lines, last } = aLog('info', { function: 'acknowledge' });
  log.info('first line\nsecond line', { attempt: 2, last: true, missing: undefined });
  expect(lines).toHaveLength(1);
  expect(lines[0]).not.toContain('\n');
  expect(last()).toEqual({
    function: 'acknowledge',
    attempt: 2,
    last: true,
    level: 'info',
    at: '2026-11-24T09:00:00.000Z',
    message: 'first line\nsecond line',
  });
});

it.each(LEVELS)('writes %s and above when told so', (least) => {
  const { log, lines } = aLog(least);
  for (const level of LEVELS) log[level]('x');
  expect(lines.map((line) => (JSON.parse(line) as { level: Level }).level)).toEqual(
    LEVELS.slice(LEVELS.indexOf(least)),
  );
});

describe('what it does not say', () => {
  it('a secret, even where somebody passes one past the types', () => {
    const { log, lines } = aLog();
    log.info('x', { value: new Secret('not-a-real-secret') } as unknown as LogFields);
    expect(lines[0]).toContain('[secret]');
    expect(lines[0]).not.toContain('not-a-real');
  });

  it('the text, the stack or the cause of a foreign error', () => {
    const { log, lines, last } = aLog();
    log.failure('it failed', new SyntaxError('Unexpected token in not-a-real-secret'));
    log.failure(
      'it failed',
      new LockstepError('VAULT_UNAVAILABLE', 'ours', { cause: new Error('not-a-real-secret') }),
    );
    expect(lines.join()).not.toContain('not-a-real');
    expect(last()).toMatchObject({
      level: 'error',
      message: 'it failed',
      code: 'VAULT_UNAVAILABLE',
      detail: 'ours',
    });
  });

  it('more than a line can take', () => {
    const { log, lines } = aLog();
    log.info('x', { long: 'y'.repeat(100_000) });
    expect(lines[0]?.length).toBeLessThan(3000);
  });

  it('another level, time or message than its own, whatever the fields are called', () => {
    const { log, last } = aLog();
    log.warn('the message', { level: 'debug', at: 'never', message: 'forged' });
    expect(last()).toEqual({ level: 'warn', at: '2026-11-24T09:00:00.000Z', message: 'the message' });
  });
});

it('never throws', () => {
  const closed = createLog({
    level: 'debug',
    clock,
    write: () => {
      throw new Error('the pipe is closed');
    },
  });
  const circular: Record<string, unknown> = {};
  circular['self'] = circular;
  expect(() => {
    closed.error('x');
    aLog().log.info('x', circular as LogFields);
  }).not.toThrow();
});
