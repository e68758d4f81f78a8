import { LambdaClient } from '@aws-sdk/client-lambda';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { lambdaLeaseFunctions } from '../../lambdas/adapters/lambda-lease-functions/lambda-lease-functions.ts';
import { leaseAnswer, parseLeaseRequest } from '../../lambdas/contracts/lease-request.ts';
import { functionName, leaseFunction } from '../../lambdas/contracts/names.ts';
import { LockstepError, REMEDIES, type ErrorCode } from '../../lambdas/core/errors.ts';
import type { LeaseFunctions } from '../../lambdas/core/ports/lease-functions.ts';
import { Secret } from '../../lambdas/core/secret.ts';
import { answerInvocation } from '../../lambdas/shell/answer-invocation.ts';
import { createLog } from '../../lambdas/shell/log.ts';
import { clientOf } from './doubles/http-double.ts';
import { lambdaDouble, type LambdaDouble } from './doubles/lambda.ts';

let aws: LambdaDouble;
let functions: LeaseFunctions;

beforeEach(async () => {
  aws = await lambdaDouble();
  functions = lambdaLeaseFunctions({
    client: new LambdaClient(clientOf(aws, 1)),
    functionOf: (kind) => functionName('staging', leaseFunction(kind)),
  });
});
afterEach(() => aws.close());

const lease = '0123456789abcdefghjkmnpqrs';
const at = '2026-11-24T09:00:00.000Z';
const issue = {
  do: 'issue',
  leasable: 'store',
  lease,
  fence: 1,
  holder: 'agent:research-agent',
  purpose: 'answer',
  expiresAt: at,
  notAfter: at,
} as const;
const end = () => functions.call('postgres', { do: 'end', leasable: 'store', lease, fence: 2 });
const silent = createLog({ level: 'error', clock: () => new Date(0), write: () => undefined });

describe('a command', () => {
  it('invokes the function of the kind, and waits for its answer', async () => {
    aws.plan({ returns: { refused: 'refused' } });
    expect(await end()).toEqual({ refused: 'refused' });
    expect(aws.invocations).toEqual([
      {
        name: 'lockstep-staging-lease-postgres',
        payload: { do: 'end', leasable: 'store', lease, fence: 2 },
      },
    ]);
  });

  it('takes a token there and a value back, and both are secrets at either end', async () => {
    const seen: unknown[] = [];
    aws.plan({
      runs: async (payload) => {
        const command = parseLeaseRequest(payload);
        seen.push('proof' in command && command.proof?.reveal());
        return leaseAnswer({ key: 'lockstep_l_1', value: new Secret('{"password":"not-a-real-one"}') });
      },
    });
    const answer = await functions.call('federated', { ...issue, proof: new Secret('a.b.c') });
    expect(seen).toEqual(['a.b.c']);
    expect(answer.value.reveal()).toBe('{"password":"not-a-real-one"}');
    expect(JSON.stringify(answer)).not.toContain('not-a-real-one');
  });
});

describe('errors', () => {
  it.each(Object.keys(REMEDIES) as ErrorCode[])('cross with their remedy: %s', async (code) => {
    const thrown = new LockstepError(code, 'what happened, and what to do', { retryAfterSeconds: 7 });
    aws.plan({ returns: await answerInvocation(silent, () => Promise.reject(thrown)) });
    await expect(end()).rejects.toMatchObject({
      code,
      remedy: REMEDIES[code],
      message: 'what happened, and what to do',
      retryAfterSeconds: 7,
    });
  });

  it.each([
    ['a crash', { crashes: { errorType: 'TypeError', errorMessage: 'password not-a-real' } }],
    [
      'a crash that looks like an answer',
      { crashes: { errorType: 'Error', errorMessage: 'x', refused: 'refused' } },
    ],
    ['an answer of another form', { returns: { value: 'not-a-real' } }],
    ['a lost connection', 'lose'],
    ['an answer that is cut off', { raw: '{"refused":"refu' }],
    ['an empty answer', { raw: '' }],
    ['throttling', { refused: { status: 429, code: 'TooManyRequestsException' } }],
    ['a missing function', { refused: { status: 404, code: 'ResourceNotFoundException' } }],
    ['a refusal', { refused: { status: 403, code: 'AccessDeniedException' } }],
  ] as const)('%s is TARGET_UNREACHABLE, once, and quotes nobody', async (_what, outcome) => {
    aws.plan(outcome);
    const error: unknown = await end().catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'TARGET_UNREACHABLE', remedy: 'retry' });
    expect((error as Error).message).not.toMatch(/not-a-real|said |timed out/);
    expect(aws.invocations).toHaveLength(1);
  });
});
