import { InvokeCommand, type LambdaClient } from '@aws-sdk/client-lambda';
import { auditRecord } from '../../contracts/audit-shapes.ts';
import { fit } from '../../contracts/check.ts';
import { readAnswer } from '../../contracts/failure.ts';
import type { AuditEntry, AuditRecord } from '../../core/audit/record.ts';
import { foreignName, isLockstepError, LockstepError } from '../../core/errors.ts';
import type { AuditAppender } from '../../core/ports/audit.ts';
import type { Clock } from '../../core/time.ts';

/** What appending from another function needs from outside. */
export interface AppendAuditClientOptions {
  readonly client: LambdaClient;
  /** Name or ARN of `append-audit`. */
  readonly functionName: string;
  readonly clock: Clock;
  /** A number in [0, 1). */
  readonly random: () => number;
  readonly pause: (milliseconds: number) => Promise<void>;
}

/** How often an entry is handed over before its caller is told that the audit cannot be written. */
const ATTEMPTS = 4;

/**
 * No attempt is begun when so much time has gone. One that is never answered takes as long as `append-audit` may run, and
 * three of them would outlive the function that waits: it would be ended in mid-air, with its lock in its hands.
 */
const PATIENCE_MS = 60_000;

/**
 * `AuditAppender` by invoking `append-audit`, which alone may write the log. The same entry is handed over
 * again after every failure that may pass: its id makes the repeats one record.
 */
export function appendAuditClient(options: AppendAuditClientOptions): AuditAppender {
  return { append: (entry) => append(options, entry) };
}

async function append(options: AppendAuditClientOptions, entry: AuditEntry): Promise<AuditRecord> {
  const begunAt = options.clock().getTime();
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await appendOnce(options, entry);
    } catch (error) {
      const passes = isLockstepError(error) && error.remedy === 'retry';
      if (!passes) throw error;
      const isOver = options.clock().getTime() - begunAt > PATIENCE_MS;
      if (attempt >= ATTEMPTS || isOver) throw notWritten(entry, attempt, error);
    }
    await options.pause(2 ** attempt * 25 * (1 + options.random()));
  }
}

async function appendOnce(
  { client, functionName }: AppendAuditClientOptions,
  entry: AuditEntry,
): Promise<AuditRecord> {
  const request = new InvokeCommand({
    FunctionName: functionName,
    InvocationType: 'RequestResponse',
    Payload: Buffer.from(JSON.stringify(entry)),
  });
  const { Payload: payload, FunctionError: crashed } = await client
    .send(request)
    .catch((error: unknown) => Promise.reject(unanswered(entry, foreignName(error), error)));

  const answer = readAnswer(payload?.transformToString('utf-8') ?? '');
  if (answer.kind === 'failure') throw answer.error;
  if (crashed !== undefined) throw unanswered(entry, 'append-audit failed without an answer');
  if (answer.kind === 'unreadable') throw unanswered(entry, 'its answer cannot be read');
  const record = fit(auditRecord, answer.value, 'AUDIT_UNAVAILABLE', 'the answer of append-audit');
  if (record.entry.id !== entry.id || record.entry.chain !== entry.chain)
    throw unanswered(entry, 'it answered with another entry');
  return record;
}

const unanswered = (entry: AuditEntry, why: string, cause?: unknown): LockstepError =>
  new LockstepError(
    'AUDIT_UNAVAILABLE',
    `unknown whether ${entry.type} ${entry.action} of ${entry.chain} was written (${why})`,
    { cause },
  );

const notWritten = (entry: AuditEntry, attempts: number, last: LockstepError): LockstepError =>
  new LockstepError(
    'AUDIT_UNAVAILABLE',
    `${entry.type} ${entry.action} of ${entry.chain} could not be written in ${attempts} attempts, last ${last.code}; nothing goes on without it`,
    { cause: last },
  );
