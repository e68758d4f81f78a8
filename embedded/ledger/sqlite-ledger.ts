import { parseJson } from '../../lambdas/contracts/check.ts';
import { LockstepError } from '../../lambdas/core/errors.ts';
import type { LockstepEvent } from '../../lambdas/core/events.ts';
import type { LedgerBodies } from '../../lambdas/core/ledger-rows.ts';
import {
  MAX_COMMIT_ITEMS,
  type Family,
  type Ledger,
  type LedgerRow,
  type LedgerWrite,
  type Outbox,
} from '../../lambdas/core/ports/ledger.ts';
import { instant, type Clock } from '../../lambdas/core/time.ts';
import type { SqliteDatabase, SqlRow } from '../sqlite/database.ts';
import { openDatabase } from '../sqlite/open-database.ts';
import { numberOf, textOf } from '../sqlite/row.ts';
import { storedEvent } from '../sqlite/stored-event.ts';
import { LEDGER_SCHEMA } from './schema.ts';

/** What the ledger needs. */
export interface SqliteLedgerOptions {
  readonly path: string;
  readonly clock: Clock;
  /** Called when a commit has put events into the outbox: what wakes the pump, as the table's stream does on AWS. */
  readonly onEvents?: () => void;
}

/** `Ledger` and `Outbox` in one SQLite file. A commit is one transaction under the write lock. */
export class SqliteLedger implements Ledger, Outbox {
  readonly #database: SqliteDatabase;
  readonly #clock: Clock;
  readonly #onEvents: () => void;

  /** Errors: `STORE_DAMAGED`, `STORE_FORBIDDEN`, `STORE_NEWER`, `NO_ROOM`; nothing is changed then. */
  constructor({ path, clock, onEvents = () => undefined }: SqliteLedgerOptions) {
    this.#database = openDatabase({
      name: 'the ledger',
      path,
      schema: LEDGER_SCHEMA,
      unavailable: 'LEDGER_UNAVAILABLE',
      damaged: 'STORE_DAMAGED',
    });
    this.#clock = clock;
    this.#onEvents = onEvents;
  }

  async read<F extends Family>(family: F, credential: string, id: string): Promise<LedgerRow<F> | undefined> {
    const sql = 'SELECT id, revision, body FROM entry WHERE family = ? AND credential = ? AND id = ?';
    const row = this.#database.get(sql, [family, credential, id]);
    return row && rowOf(family, credential, row);
  }

  async list<F extends Family>(family: F, credential: string): Promise<readonly LedgerRow<F>[]> {
    const sql = 'SELECT id, revision, body FROM entry WHERE family = ? AND credential = ? ORDER BY id';
    return this.#database.all(sql, [family, credential]).map((row) => rowOf(family, credential, row));
  }

  async page<F extends Family>(
    family: F,
    credential: string,
    { after = '', limit }: { readonly after?: string; readonly limit: number },
  ): Promise<readonly LedgerRow<F>[]> {
    const sql =
      'SELECT id, revision, body FROM entry WHERE family = ? AND credential = ? AND id > ? ORDER BY id LIMIT ?';
    return this.#database
      .all(sql, [family, credential, after, limit])
      .map((row) => rowOf(family, credential, row));
  }

  async commit(writes: readonly LedgerWrite[], events: readonly LockstepEvent[] = []): Promise<void> {
    demandFits(writes, events);
    this.#database.transaction(() => {
      for (const write of writes) this.#write(write);
      for (const event of events) this.#enqueue(event);
      // Behind the writes: a condition holds for what the caller has read, forgotten or not.
      const forget = 'DELETE FROM entry WHERE expires_at < ?';
      this.#database.run(forget, [instant(this.#clock())]);
    });
    if (events.length > 0) this.#onEvents();
  }

  async pending(limit: number): Promise<readonly LockstepEvent[]> {
    const rows = this.#database.all('SELECT body FROM outbox ORDER BY at, sequence LIMIT ?', [limit]);
    return rows.map((row) => storedEvent(textOf(row, 'body'), 'the outbox'));
  }

  /** Nobody else writes this file: an event that cannot be read is damage, and `pending` says so. */
  async malformed(): Promise<number> {
    return 0;
  }

  async markPublished(eventIds: readonly string[]): Promise<void> {
    this.#database.transaction(() => {
      for (const id of eventIds) this.#database.run('DELETE FROM outbox WHERE event_id = ?', [id]);
    });
  }

  close(): void {
    this.#database.close();
  }

  #write(write: LedgerWrite): void {
    const { family, credential, id, expected, body } = write;
    const sql = 'SELECT revision FROM entry WHERE family = ? AND credential = ? AND id = ?';
    const row = this.#database.get(sql, [family, credential, id]);
    const found = row ? numberOf(row, 'revision') : 0;
    if (found !== expected) throw conflict(write, found);
    if (body === undefined) {
      const remove = 'DELETE FROM entry WHERE family = ? AND credential = ? AND id = ?';
      this.#database.run(remove, [family, credential, id]);
      return;
    }
    const upsert =
      'INSERT OR REPLACE INTO entry (family, credential, id, revision, body, expires_at) VALUES (?, ?, ?, ?, ?, ?)';
    const text = JSON.stringify(body);
    this.#database.run(upsert, [family, credential, id, expected + 1, text, expiry(write)]);
  }

  #enqueue(event: LockstepEvent): void {
    const sql = 'INSERT INTO outbox (event_id, at, body) VALUES (?, ?, ?) ON CONFLICT (event_id) DO NOTHING';
    this.#database.run(sql, [event.id, event.at, JSON.stringify(event)]);
  }
}

/** What DynamoDB would refuse: too much at once, or two writes about one row. */
function demandFits(writes: readonly LedgerWrite[], events: readonly LockstepEvent[]): void {
  const size = writes.length + events.length;
  if (size > MAX_COMMIT_ITEMS) {
    throw new LockstepError(
      'NO_ROOM',
      `${size} writes and events in one commit, at most ${MAX_COMMIT_ITEMS} fit; commit in parts`,
    );
  }
  const keys = new Set(writes.map(({ family, credential, id }) => JSON.stringify([family, credential, id])));
  if (keys.size < writes.length)
    throw new TypeError('a commit writes one row twice; no ledger can order the two');
}

const expiry = ({ expiresAt }: LedgerWrite): string | null =>
  expiresAt === undefined ? null : instant(new Date(expiresAt));

const conflict = ({ family, credential, id, expected }: LedgerWrite, found: number): LockstepError =>
  new LockstepError(
    'LEDGER_CONFLICT',
    `row ${family} ${id} of ${credential} was expected at revision ${expected} and is at ${found}; nothing was written. Read again and decide again`,
  );

function rowOf<F extends Family>(family: F, credential: string, row: SqlRow): LedgerRow<F> {
  const id = textOf(row, 'id');
  // Only `commit` writes this table, so a body that parses is one that a typed caller gave.
  const body = parseJson(textOf(row, 'body'), 'STORE_DAMAGED', `row ${family} ${id} of ${credential}`);
  return { family, credential, id, revision: numberOf(row, 'revision'), body: body as LedgerBodies[F] };
}
