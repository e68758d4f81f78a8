import { isLockstepError, type ErrorCode } from '../core/errors.ts';
import { backoffSeconds, DELIVERY_RETRIES, type RetryPolicy } from '../core/propagation/backoff.ts';
import type { Log } from './log.ts';

/** What is read of a queue's message. */
export interface QueueRecord {
  readonly messageId: string;
  readonly receiptHandle: string;
  readonly body: string;
  readonly attributes: { readonly ApproximateReceiveCount: string };
}

/** A batch as Lambda hands it over from SQS. */
export interface QueueBatch {
  readonly Records: readonly QueueRecord[];
}

/** What Lambda is answered: only these messages come again (`ReportBatchItemFailures`). */
export interface QueueBatchAnswer {
  readonly batchItemFailures: { readonly itemIdentifier: string }[];
}

/** What handling a batch needs from outside. */
export interface EachRecordOptions {
  readonly log: Log;
  /** A number in [0, 1). */
  readonly random: () => number;
  /** Hides a message until its next attempt. May fail: the message then comes back with the queue's own timeout. */
  readonly postpone: (receiptHandle: string, seconds: number) => Promise<void>;
  /** Counts a message that can never work and was dropped. */
  readonly dropped: (code: ErrorCode) => void;
  readonly retries?: RetryPolicy;
}

/** SQS hides a message for at most twelve hours, counted from when it was received. */
const MAX_HIDDEN_SECONDS = 43_200 - 900;

/**
 * Works through a batch, message by message, and decides once for all functions what a failure means.
 *
 * - the sender's fault: dropped, logged and counted; it would fail for ever;
 * - anything else: this message alone comes again, after a growing wait, and becomes a dead letter in the end.
 *
 * The messages of a batch go one after the other: two about one credential must not meet each other here.
 * Logs say ids, codes and our own texts; never a body.
 */
export async function eachRecord(
  options: EachRecordOptions,
  batch: QueueBatch,
  work: (body: string) => Promise<unknown>,
): Promise<QueueBatchAnswer> {
  const batchItemFailures: { readonly itemIdentifier: string }[] = [];
  for (const record of batch.Records) {
    if ((await handleOne(options, record, work)) === 'again')
      batchItemFailures.push({ itemIdentifier: record.messageId });
  }
  return { batchItemFailures };
}

async function handleOne(
  options: EachRecordOptions,
  record: QueueRecord,
  work: (body: string) => Promise<unknown>,
): Promise<'done' | 'again'> {
  const { messageId } = record;
  const attempt = Math.max(1, Number(record.attributes.ApproximateReceiveCount) || 1);
  try {
    await work(record.body);
    return 'done';
  } catch (error) {
    if (isLockstepError(error) && error.remedy === 'sender') {
      options.log.failure('message dropped', error, { messageId, attempt });
      options.dropped(error.code);
      return 'done';
    }
    options.log.failure('message will come again', error, { messageId, attempt });
    await hide(options, record, attempt, isLockstepError(error) ? error.retryAfterSeconds : undefined);
    return 'again';
  }
}

async function hide(
  { log, random, postpone, retries = DELIVERY_RETRIES }: EachRecordOptions,
  { messageId, receiptHandle }: QueueRecord,
  attempt: number,
  askedSeconds = 0,
): Promise<void> {
  const seconds = Math.min(
    MAX_HIDDEN_SECONDS,
    Math.ceil(backoffSeconds(retries, attempt, random(), askedSeconds)),
  );
  await postpone(receiptHandle, seconds).catch((error: unknown) =>
    log.failure('message could not be postponed; it comes again with the timeout of its queue', error, {
      messageId,
    }),
  );
}
