import { describe, expect, expectTypeOf, it } from 'vitest';
import { readEnvironment } from '../../lambdas/shell/read-environment.ts';

const SHAPE = {
  TABLE: 'text',
  NOTE: 'optional-text',
  SECONDS: 'whole-number',
  ROLE: 'arn',
  QUEUE_URL: 'url',
  QUEUES: 'json',
  MARK: 'mark',
} as const;

const GOOD = {
  TABLE: 'ledger',
  NOTE: '',
  SECONDS: '300',
  ROLE: 'arn:aws:iam::111122223333:role/lockstep/staging/x',
  QUEUE_URL: 'https://sqs.us-east-1.amazonaws.com/111122223333/x',
  QUEUES: '[{"handler":"x"}]',
  MARK: '5hm4rk0a',
  UNRELATED: 'y',
};

it('reads each variable as what it is', () => {
  const env = readEnvironment(GOOD, SHAPE);
  expect(env).toEqual({
    TABLE: 'ledger',
    NOTE: undefined,
    SECONDS: 300,
    ROLE: GOOD.ROLE,
    QUEUE_URL: GOOD.QUEUE_URL,
    QUEUES: [{ handler: 'x' }],
    MARK: '5hm4rk0a',
  });
  expectTypeOf(env.SECONDS).toEqualTypeOf<number>();
  expectTypeOf(env.NOTE).toEqualTypeOf<string | undefined>();
});

it('names all that are wrong at once, and quotes none', () => {
  const bad = {
    TABLE: '',
    SECONDS: 'not-a-real-number',
    ROLE: 'not-a-real-arn',
    QUEUE_URL: 'not-a-real-url',
    QUEUES: '{not-a-real',
    MARK: 'not-a-real-mark',
  };
  expect(() => readEnvironment(bad, SHAPE)).toThrow(
    expect.objectContaining({
      code: 'ENVIRONMENT_INVALID',
      message: expect.stringMatching(
        /^(?!.*not-a-real).*TABLE \(expected a text\), SECONDS \(expected a whole number\), ROLE \(expected an ARN\), QUEUE_URL \(expected a URL\), QUEUES \(expected JSON\), MARK \(expected the mark of a deployment\)/,
      ) as string,
    }),
  );
});

describe('refuses', () => {
  it.each([
    ['SECONDS', '-1'],
    ['SECONDS', '1.5'],
    ['SECONDS', '1e3'],
    ['SECONDS', ''],
    ['ROLE', 'arn:aws:iam'],
    ['QUEUE_URL', 'sqs'],
    // By one of these, everybody's leases would be ours.
    ['MARK', ''],
    ['MARK', '5'],
    ['MARK', '5hm4rk0%'],
  ])('%s = %j', (name, value) => {
    expect(() => readEnvironment({ ...GOOD, [name]: value }, SHAPE)).toThrow(
      expect.objectContaining({ code: 'ENVIRONMENT_INVALID' }),
    );
  });

  it.each(Object.keys(SHAPE).filter((name) => name !== 'NOTE'))('an environment without %s', (name) => {
    const { [name as keyof typeof GOOD]: _gone, ...rest } = GOOD;
    expect(() => readEnvironment(rest, SHAPE)).toThrow(
      expect.objectContaining({ message: expect.stringContaining(name) as string }),
    );
  });
});
