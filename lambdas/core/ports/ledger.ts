import type { LockstepEvent } from '../events.ts';
import type { LedgerBodies } from '../ledger-rows.ts';

/** What kind of fact a row holds. Each family has one writer, or a few named in ARCHITECTURE.md. */
export type Family = keyof LedgerBodies;

/** One row. `revision` starts at 1 and grows by one with every write. */
export interface LedgerRow<F extends Family> {
  readonly family: F;
  readonly credential: string;
  readonly id: string;
  readonly revision: number;
  readonly body: LedgerBodies[F];
}

/** One conditional write. Create a value with `create`, `replace` or `remove`, which keep family and body together. */
export interface LedgerWrite {
  readonly family: Family;
  readonly credential: string;
  readonly id: string;
  /** The revision the row must have; 0 means that it must not exist. */
  readonly expected: number;
  /** `undefined` removes the row. */
  readonly body: LedgerBodies[Family] | undefined;
  /** After this instant the store may forget the row. Compared in code as well: stores are late. */
  readonly expiresAt?: string;
}

/**
 * The working state: rotations, locks, expectations, acknowledgements. Mutable by conditional writes only.
 *
 * Obligations: reads are strongly consistent; `commit` is atomic over all its writes and events, durable
 * when it returns, and serializable per row. Events go to the outbox in the same transaction: the only
 * atomic pair in Lockstep. An answer may be lost after its effect; the caller then meets its own write as a
 * conflict, reads again and decides again.
 *
 * Errors: `LEDGER_CONFLICT` an expectation about a revision did not hold, nothing was written;
 * `LEDGER_UNAVAILABLE` unknown whether anything was written.
 * Limits: at most 100 writes and events together (DynamoDB TransactWriteItems).
 */
export interface Ledger {
  read<F extends Family>(family: F, credential: string, id: string): Promise<LedgerRow<F> | undefined>;
  /** All rows of one family and credential, by id ascending. */
  list<F extends Family>(family: F, credential: string): Promise<readonly LedgerRow<F>[]>;
  /**
   * The next rows of one family and credential, by id ascending, behind `after`; fewer than `limit` only where those
   * were the last. For partitions that may grow without bound.
   */
  page<F extends Family>(
    family: F,
    credential: string,
    page: { readonly after?: string; readonly limit: number },
  ): Promise<readonly LedgerRow<F>[]>;
  commit(writes: readonly LedgerWrite[], events?: readonly LockstepEvent[]): Promise<void>;
}

/** The events that were committed with a state and are not on the bus yet. At least once: mark only what the bus took. */
export interface Outbox {
  /** The oldest events first. What lies there and is no event is passed over: it must not hold up the rest. */
  pending(limit: number): Promise<readonly LockstepEvent[]>;
  /** How many things lie there that are no events: nobody of ours puts one there. */
  malformed(): Promise<number>;
  markPublished(eventIds: readonly string[]): Promise<void>;
}

/** Most writes and events in one commit. */
export const MAX_COMMIT_ITEMS = 100;

/** A write that makes a row which must not exist yet. */
export function create<F extends Family>(
  family: F,
  credential: string,
  id: string,
  body: LedgerBodies[F],
  expiresAt?: string,
): LedgerWrite {
  return { family, credential, id, expected: 0, body, ...(expiresAt === undefined ? {} : { expiresAt }) };
}

/** A write that replaces exactly the row that was read. */
export function replace<F extends Family>(
  row: LedgerRow<F>,
  body: LedgerBodies[F],
  expiresAt?: string,
): LedgerWrite {
  const { family, credential, id, revision } = row;
  return {
    family,
    credential,
    id,
    expected: revision,
    body,
    ...(expiresAt === undefined ? {} : { expiresAt }),
  };
}

/** A write that removes exactly the row that was read. */
export function remove<F extends Family>({ family, credential, id, revision }: LedgerRow<F>): LedgerWrite {
  return { family, credential, id, expected: revision, body: undefined };
}
