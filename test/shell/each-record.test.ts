import * as fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { LockstepError, REMEDIES, type ErrorCode } from '../../lambdas/core/errors.ts';
import { eachRecord, type EachRecordOptions, type QueueRecord } from '../../lambdas/shell/each-record.ts';
import { createLog } from '../../lambdas/shell/log.ts';

let lines: Record<string, unknown>[];
let postponed: { readonly handle: string; readonly seconds: number }[];
let dropped: ErrorCode[];
let options: EachRecordOptions;

beforeEach(() => {
  lines = [];
  postponed = [];
  dropped = [];
  options = {
    log: createLog({
      level: 'info',
      clock: () => new Date('2026-11-24T09:00:00.000Z'),
      write: (line) => void lines.push(JSON.parse(line) as Record<string, unknown>),
    }),
    random: () => 0.5,
    postpone: async (handle, seconds) => void postponed.push({ handle, seconds }),
    dropped: (code) => void dropped.push(code),
  };
});

const record = (messageId: string, received = 1): QueueRecord => ({
  messageId,
  receiptHandle: `handle-${messageId}`,
  body: `body of ${messageId} with not-a-real-secret`,
  attributes: { ApproximateReceiveCount: String(received) },
});
const failing = (error: unknown) => () => Promise.reject(error);

it('hands over each body, one after the other, and answers that none has to come again', async () => {
  const log: string[] = [];
  const work = async (body: string): Promise<void> => {
    log.push(`begin ${body.slice(8, 9)}`);
    await Promise.resolve();
    log.push(`end ${body.slice(8, 9)}`);
  };
  const answer = await eachRecord(options, { Records: [record('a'), record('b')] }, work);
  expect(answer).toEqual({ batchItemFailures: [] });
  expect(log).toEqual(['begin a', 'end a', 'begin b', 'end b']);
  expect([lines, postponed, dropped]).toEqual([[], [], []]);
});

it('has only the failed message come again: the others of its batch are done', async () => {
  const work = async (body: string): Promise<void> => {
    if (body.startsWith('body of b')) throw new LockstepError('LEDGER_UNAVAILABLE', 'try again');
  };
  const answer = await eachRecord(options, { Records: [record('a'), record('b'), record('c')] }, work);
  expect(answer).toEqual({ batchItemFailures: [{ itemIdentifier: 'b' }] });
});

describe('by the remedy of the error', () => {
  it.each(Object.entries(REMEDIES) as [ErrorCode, string][])('%s (%s)', async (code, remedy) => {
    const answer = await eachRecord(
      options,
      { Records: [record('a')] },
      failing(new LockstepError(code, 'm')),
    );
    const again = remedy !== 'sender';
    expect(answer.batchItemFailures).toEqual(again ? [{ itemIdentifier: 'a' }] : []);
    expect(postponed).toHaveLength(again ? 1 : 0);
    expect(dropped).toEqual(again ? [] : [code]);
    expect(lines).toHaveLength(1);
  });

  it('a foreign error comes again: nobody knows what it means', async () => {
    const answer = await eachRecord(
      options,
      { Records: [record('a')] },
      failing(new TypeError('not-a-real-secret')),
    );
    expect(answer.batchItemFailures).toEqual([{ itemIdentifier: 'a' }]);
  });
});

describe('the log', () => {
  it('says which message, what happened and how often, and nothing that anybody sent', async () => {
    await eachRecord(options, { Records: [record('a', 3)] }, failing(new TypeError('not-a-real-secret')));
    expect(lines).toEqual([
      {
        level: 'error',
        at: '2026-11-24T09:00:00.000Z',
        message: 'message will come again',
        messageId: 'a',
        attempt: 3,
        code: 'UNEXPECTED',
        detail: 'unexpected TypeError; the process log of this moment has its stack',
      },
    ]);
  });

  it('has our own words about our own errors', async () => {
    await eachRecord(
      options,
      { Records: [record('a')] },
      failing(new LockstepError('MALFORMED_EVENT', 'an event: not JSON')),
    );
    expect(lines[0]).toMatchObject({
      message: 'message dropped',
      code: 'MALFORMED_EVENT',
      detail: 'an event: not JSON',
    });
  });
});

describe('the wait before the next attempt', () => {
  const waits = async (
    received: number,
    error: unknown = new LockstepError('LOCK_HELD', 'm'),
  ): Promise<number> => {
    await eachRecord(options, { Records: [record('a', received)] }, failing(error));
    return postponed.at(-1)?.seconds ?? Number.NaN;
  };

  it('grows with every time that the message was received', async () => {
    expect([await waits(1), await waits(2), await waits(3), await waits(10), await waits(60)]).toEqual([
      2, 3, 6, 768, 1350,
    ]);
    expect(postponed[0]?.handle).toBe('handle-a');
  });

  it('is never shorter than what the other side asked for', async () => {
    expect(await waits(1, new LockstepError('DEPENDENT_UNREACHABLE', 'm', { retryAfterSeconds: 600 }))).toBe(
      600,
    );
  });

  it('is always a whole number that SQS takes', async () => {
    const asked = fc.option(fc.double({ min: 0, max: 1e9, noNaN: true }), { nil: undefined });
    await fc.assert(
      fc.asyncProperty(
        fc.string(),
        asked,
        fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        async (received, seconds, random) => {
          const error = new LockstepError(
            'NOT_YET',
            'm',
            seconds === undefined ? {} : { retryAfterSeconds: seconds },
          );
          const broken = { ...record('a'), attributes: { ApproximateReceiveCount: received } };
          await eachRecord({ ...options, random: () => random }, { Records: [broken] }, failing(error));
          const wait = postponed.at(-1)?.seconds ?? Number.NaN;
          expect(Number.isInteger(wait) && wait >= 1 && wait <= 43_200).toBe(true);
        },
      ),
    );
  });

  it('is left to the queue where it cannot be set, and the message still comes again', async () => {
    const broken = { ...options, postpone: () => Promise.reject(new Error('not-a-real-secret')) };
    const answer = await eachRecord(
      broken,
      { Records: [record('a')] },
      failing(new LockstepError('LOCK_HELD', 'm')),
    );
    expect(answer.batchItemFailures).toEqual([{ itemIdentifier: 'a' }]);
    expect(lines.map(({ message }) => message)).toEqual([
      'message will come again',
      'message could not be postponed; it comes again with the timeout of its queue',
    ]);
    expect(JSON.stringify(lines)).not.toContain('not-a-real-secret');
  });
});
