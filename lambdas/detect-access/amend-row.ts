import { isLockstepError } from '../core/errors.ts';
import type { LedgerBodies } from '../core/ledger-rows.ts';
import { create, replace, type Family, type Ledger } from '../core/ports/ledger.ts';

/** Which row, and until when it is kept. */
export interface RowPlace<F extends Family> {
  readonly family: F;
  readonly partition: string;
  readonly id: string;
  readonly expiresAt?: string;
}

/**
 * Changes one row, or makes it; reads and decides again on a conflict. A change that returns the very body
 * it was given writes nothing, so a replay costs one read.
 */
export async function amendRow<F extends Family>(
  ledger: Ledger,
  { family, partition, id, expiresAt }: RowPlace<F>,
  change: (before: LedgerBodies[F] | undefined) => LedgerBodies[F],
): Promise<LedgerBodies[F]> {
  return againOnConflict(async () => {
    const row = await ledger.read(family, partition, id);
    const after = change(row?.body);
    if (row && after === row.body) return after;
    const write = row ? replace(row, after, expiresAt) : create(family, partition, id, after, expiresAt);
    await ledger.commit([write]);
    return after;
  });
}

/** How often a conflicting write is decided again before the queue is left to come back with the record. */
const ATTEMPTS = 8;

/** Runs `decide`, which reads and commits, until nobody else wrote in between. */
export async function againOnConflict<T>(decide: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await decide();
    } catch (error) {
      if (!isLockstepError(error, 'LEDGER_CONFLICT') || attempt >= ATTEMPTS) throw error;
    }
  }
}
