import { LambdaClient } from '@aws-sdk/client-lambda';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { lambdaTargets } from '../../lambdas/adapters/lambda-targets/lambda-targets.ts';
import { functionName, targetFunction } from '../../lambdas/contracts/names.ts';
import { LockstepError, REMEDIES, type ErrorCode } from '../../lambdas/core/errors.ts';
import type { TargetCommandName, TargetCommands, TargetFunctions } from '../../lambdas/core/ports/targets.ts';
import { answerInvocation } from '../../lambdas/shell/answer-invocation.ts';
import { createLog } from '../../lambdas/shell/log.ts';
import { clientOf } from './doubles/http-double.ts';
import { lambdaDouble, type LambdaDouble } from './doubles/lambda.ts';

let aws: LambdaDouble;
let targets: TargetFunctions;

beforeEach(async () => {
  aws = await lambdaDouble();
  targets = lambdaTargets({
    client: new LambdaClient(clientOf(aws, 1)),
    functionOf: (family) => functionName('staging', targetFunction(family)),
  });
});
afterEach(() => aws.close());

const disable = () => targets.call('postgres', { do: 'disable', credential: 'vector-store', rotation: 'r1' });
const silent = createLog({ level: 'error', clock: () => new Date(0), write: () => undefined });

it('invokes the function of the family with the command, and waits for its answer', async () => {
  aws.plan({ returns: { state: 'disabled' } });
  expect(await disable()).toEqual({ state: 'disabled' });
  expect(aws.invocations).toEqual([
    {
      name: 'lockstep-staging-target-postgres',
      payload: { do: 'disable', credential: 'vector-store', rotation: 'r1' },
    },
  ]);
});

const at = '2026-11-24T09:00:00.000Z';
const observation = {
  at,
  successor: { sessions: 2, lastUsedAt: at },
  predecessor: { sessions: 'unknown' },
  byDependent: { embedder: { onSuccessor: 2, onPredecessor: 0 } },
  strangersOnPredecessor: 0,
} as const;

const GOOD: { readonly [C in TargetCommandName]: readonly TargetCommands[C]['answers'][] } = {
  prove: [{ works: false }],
  'issue-first': [{ version: 'v', key: 'k' }],
  observe: [observation, { unsupported: true }],
  expect: [{ id: 'r1#1' }],
  disable: [{ state: 'in-use' }],
  enable: [{ state: 'not-supported' }],
  revoke: [{ refused: 'unknown' }],
  restore: [{ current: 'v' }],
  'probe-pending': [{ pending: 'no-value' }],
  'clean-up': [{ revoked: ['k1'] }],
  'list-ours': [{ keys: [{ key: 'k', token: 't', createdAt: at }, { key: 'k2' }] }],
  'revoke-orphan': [{ revoked: true }],
  'strip-pending': [{ stripped: false }],
  'stop-all': [{ stopped: [], failed: ['v'] }],
};

describe('answers', () => {
  const all = Object.entries(GOOD).flatMap(([command, answers]) =>
    answers.map((answer) => [command as 'disable', answer] as const),
  );

  it.each(all)('of %s come back as they were given: %j', async (command, answer) => {
    aws.plan({ returns: answer });
    expect(await targets.call('postgres', { do: command, credential: 'c', rotation: 'r1' })).toEqual(answer);
  });

  it.each(all)('of %s in another form are not acted on', async (command, answer) => {
    const broken = Object.fromEntries(Object.keys(answer).map((key) => [key, { not: 'this' }]));
    for (const given of [broken, {}, null, [], 'disabled', true, { unsupported: false }]) {
      aws.plan({ returns: given });
      const call = targets.call('postgres', { do: command, credential: 'c', rotation: 'r1' });
      await expect(call).rejects.toMatchObject({ code: 'TARGET_UNREACHABLE' });
    }
  });

  it('of one command do not pass for those of another', async () => {
    aws.plan({ returns: { state: 'enabled' } });
    await expect(disable()).rejects.toMatchObject({ code: 'TARGET_UNREACHABLE' });
  });
});

describe('errors', () => {
  it.each(Object.keys(REMEDIES) as ErrorCode[])('cross with their remedy: %s', async (code) => {
    const thrown = new LockstepError(code, 'what happened, and what to do', { retryAfterSeconds: 7 });
    aws.plan({ returns: await answerInvocation(silent, () => Promise.reject(thrown)) });
    await expect(disable()).rejects.toMatchObject({
      code,
      remedy: REMEDIES[code],
      message: 'what happened, and what to do',
      retryAfterSeconds: 7,
    });
  });

  it('are those of the function, not a guess: a code that is unknown here is no answer', async () => {
    aws.plan({ returns: { errorType: 'LockstepError', code: 'FROM_THE_FUTURE', message: 'm' } });
    await expect(disable()).rejects.toMatchObject({ code: 'TARGET_UNREACHABLE' });
  });

  it.each([
    ['a crash', { crashes: { errorType: 'TypeError', errorMessage: 'password not-a-real' } }],
    [
      'our own error thrown past the shell',
      { crashes: { errorType: 'LockstepError', errorMessage: 'not-a-real' } },
    ],
    [
      'a timeout',
      { crashes: { errorType: 'Sandbox.Timedout', errorMessage: 'Task timed out after 60.00 seconds' } },
    ],
    [
      'a crash that looks like an answer',
      { crashes: { errorType: 'Error', errorMessage: 'x', state: 'disabled' } },
    ],
    ['a lost connection', 'lose'],
    ['an answer that is cut off', { raw: '{"state":"disab' }],
    ['an empty answer', { raw: '' }],
    ['throttling', { refused: { status: 429, code: 'TooManyRequestsException' } }],
    ['a missing function', { refused: { status: 404, code: 'ResourceNotFoundException' } }],
    ['a refusal', { refused: { status: 403, code: 'AccessDeniedException' } }],
  ] as const)('%s is TARGET_UNREACHABLE, once, and quotes nobody', async (_what, outcome) => {
    aws.plan(outcome);
    const error: unknown = await disable().catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'TARGET_UNREACHABLE', remedy: 'retry' });
    expect((error as Error).message).toContain('disable of vector-store');
    expect((error as Error).message).not.toMatch(/not-a-real|said |timed out/);
    expect(aws.invocations).toHaveLength(1);
  });
});
