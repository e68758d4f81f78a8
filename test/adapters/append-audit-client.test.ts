import { LambdaClient } from '@aws-sdk/client-lambda';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { appendAuditClient } from '../../lambdas/adapters/append-audit-client/append-audit-client.ts';
import { APPEND_AUDIT_TIMEOUT_SECONDS } from '../../lambdas/contracts/function-timeouts.ts';
import { toFailure } from '../../lambdas/contracts/failure.ts';
import { continueChain, type AuditEntry } from '../../lambdas/core/audit/record.ts';
import { LockstepError, type ErrorCode } from '../../lambdas/core/errors.ts';
import type { AuditAppender } from '../../lambdas/core/ports/audit.ts';
import { clientOf } from './doubles/http-double.ts';
import { lambdaDouble, type LambdaDouble } from './doubles/lambda.ts';

const entry: AuditEntry = {
  id: 'entry-1',
  chain: 'vector-store',
  type: 'intent',
  action: 'promote',
  at: '2026-11-24T09:00:00.000Z',
  who: { kind: 'function', name: 'target-postgres' },
  what: { credential: 'vector-store' },
  why: { cause: 'cadence' },
};
const record = continueChain(undefined, entry);

let aws: LambdaDouble;
let audit: AuditAppender;
let waited: number[];
let now: number;

beforeEach(async () => {
  aws = await lambdaDouble();
  waited = [];
  now = Date.parse(entry.at);
  audit = appendAuditClient({
    client: new LambdaClient(clientOf(aws, 1)),
    functionName: 'lockstep-staging-append-audit',
    clock: () => new Date(now),
    random: () => 0.5,
    pause: async (milliseconds) => void waited.push(milliseconds),
  });
});
afterEach(() => aws.close());

const failure = (code: ErrorCode) => ({ returns: toFailure(new LockstepError(code, `because of ${code}`)) });

it('hands the entry to append-audit and returns its record', async () => {
  aws.plan({ returns: record });
  expect(await audit.append(entry)).toEqual(record);
  expect(aws.invocations).toEqual([{ name: 'lockstep-staging-append-audit', payload: entry }]);
  expect(waited).toEqual([]);
});

describe('what may pass', () => {
  it.each([
    ['a lost answer', 'lose'],
    ['a crash', { crashes: { errorType: 'Sandbox.Timedout', errorMessage: 'timed out' } }],
    ['an answer that cannot be read', { raw: '{' }],
    ['an answer that is no record', { returns: { sequence: 1 } }],
    ['a record of another entry', { returns: continueChain(undefined, { ...entry, id: 'entry-2' }) }],
    ['a record of another chain', { returns: continueChain(undefined, { ...entry, chain: 'other' }) }],
    ['throttling', { refused: { status: 429, code: 'TooManyRequestsException' } }],
    ['AUDIT_UNAVAILABLE', failure('AUDIT_UNAVAILABLE')],
    ['LEDGER_CONFLICT', failure('LEDGER_CONFLICT')],
  ] as const)('%s: the same entry is handed over again', async (_what, outcome) => {
    aws.plan(outcome, { returns: record });
    expect(await audit.append(entry)).toEqual(record);
    expect(aws.invocations.map(({ payload }) => payload)).toEqual([entry, entry]);
    expect(waited).toEqual([75]);
  });

  it('is given up after twice where each time takes as long as append-audit may run', async () => {
    aws.plan('lose');
    const slow = appendAuditClient({
      client: new LambdaClient(clientOf(aws, 1)),
      functionName: 'lockstep-staging-append-audit',
      // Looked at before the first attempt and after each.
      clock: () => new Date((now += APPEND_AUDIT_TIMEOUT_SECONDS * 1000)),
      random: () => 0.5,
      pause: async () => undefined,
    });
    await expect(slow.append(entry)).rejects.toMatchObject({
      code: 'AUDIT_UNAVAILABLE',
      message: expect.stringContaining('in 2 attempts') as string,
    });
    expect(aws.invocations).toHaveLength(2);
  });

  it('is given up after four times as AUDIT_UNAVAILABLE', async () => {
    aws.plan('lose');
    await expect(audit.append(entry)).rejects.toMatchObject({ code: 'AUDIT_UNAVAILABLE', remedy: 'retry' });
    expect(aws.invocations).toHaveLength(4);
    expect(waited).toEqual([75, 150, 300]);
  });
});

it.each(['MALFORMED_REQUEST', 'AUDIT_BROKEN', 'STORE_DAMAGED'] as const)(
  'passes %s on at once',
  async (code) => {
    aws.plan(failure(code));
    await expect(audit.append(entry)).rejects.toMatchObject({ code, message: `because of ${code}` });
    expect(aws.invocations).toHaveLength(1);
  },
);
