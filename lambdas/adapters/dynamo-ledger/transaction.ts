import {
  TransactWriteItemsCommand,
  type DynamoDBClient,
  type TransactWriteItem,
} from '@aws-sdk/client-dynamodb';
import { foreignName, LockstepError } from '../../core/errors.ts';
import type { NewId } from '../../core/ports/ids.ts';

/** What a transaction needs besides its items. */
export interface TransactionOptions {
  readonly client: DynamoDBClient;
  readonly newId: NewId;
  /** A number in [0, 1). */
  readonly random: () => number;
  readonly pause: (milliseconds: number) => Promise<void>;
}

/** How often a transaction that met another one in progress is sent again before its caller reads again. */
const ATTEMPTS = 4;

/**
 * Writes all items or none.
 *
 * A cancelled transaction has written nothing, so it may be sent again. One that got no answer may have
 * been written: the SDK repeats it under the same ClientRequestToken, which DynamoDB applies once within
 * ten minutes; what still fails after that is unknown to the caller.
 */
export async function transact(
  options: TransactionOptions,
  items: readonly TransactWriteItem[],
  subject: string,
): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    const failure = await sendOnce(options, items, subject);
    if (failure === undefined) return;
    if (failure === 'busy' && attempt < ATTEMPTS) {
      // Another transaction holds one of the rows; it is over within milliseconds.
      await options.pause(2 ** attempt * 10 * (1 + options.random()));
      continue;
    }
    throw failure === 'busy' ? conflict(subject, 'another writer is at work on it') : failure;
  }
}

async function sendOnce(
  { client, newId }: TransactionOptions,
  items: readonly TransactWriteItem[],
  subject: string,
): Promise<LockstepError | 'busy' | undefined> {
  try {
    await client.send(
      new TransactWriteItemsCommand({ TransactItems: [...items], ClientRequestToken: newId() }),
    );
    return undefined;
  } catch (error) {
    const reasons = cancellationReasons(error);
    if (reasons.includes('ConditionalCheckFailed'))
      return conflict(subject, 'a row has another revision than was read');
    if (reasons.includes('TransactionConflict')) return 'busy';
    return unavailable('write', subject, error, reasons);
  }
}

/** Why DynamoDB cancelled, one code per item; empty for any other failure. */
function cancellationReasons(error: unknown): readonly string[] {
  if (foreignName(error) !== 'TransactionCanceledException') return [];
  const { CancellationReasons: reasons } = error as {
    readonly CancellationReasons?: readonly { readonly Code?: string }[];
  };
  return (reasons ?? []).flatMap(({ Code }) => (Code === undefined || Code === 'None' ? [] : Code));
}

const conflict = (subject: string, why: string): LockstepError =>
  new LockstepError(
    'LEDGER_CONFLICT',
    `nothing was written about ${subject}: ${why}; read again and decide again`,
  );

/** A call that DynamoDB did not carry out, or did not say so. */
export function unavailable(
  action: string,
  subject: string,
  error: unknown,
  reasons: readonly string[] = [],
): LockstepError {
  const why = [foreignName(error), ...new Set(reasons)].join(', ');
  const message = `could not ${action} ${subject} in the ledger (${why}); unknown whether it happened, try again`;
  return new LockstepError('LEDGER_UNAVAILABLE', message, { cause: error });
}
