import type { LockstepEvent } from '../../lambdas/core/events.ts';
import type { DeadLetter } from '../../lambdas/core/ports/bus.ts';
import type { Instant } from '../../lambdas/core/time.ts';
import type { SqliteDatabase, SqlRow } from '../sqlite/database.ts';
import { numberOf, textOf } from '../sqlite/row.ts';
import { storedEvent } from '../sqlite/stored-event.ts';

/** A delivery that is to be made. */
export interface NewDelivery {
  readonly handler: string;
  /** Whose event it is: ours, or AWS's. */
  readonly bus: 'lockstep' | 'default';
  /** The event as JSON. */
  readonly body: string;
  readonly credential: string | undefined;
  readonly dueAt: Instant;
}

/** A delivery that waits. */
export interface WaitingDelivery {
  readonly id: number;
  readonly handler: string;
  readonly bus: 'lockstep' | 'default';
  readonly body: string;
  /** How often it has failed. */
  readonly attempts: number;
}

/** Statements over the table of deliveries. Decides nothing. */
export class DeliveryRows {
  readonly #database: SqliteDatabase;

  constructor(database: SqliteDatabase) {
    this.#database = database;
  }

  /** Adds all or none; durable when it returns. */
  add(deliveries: readonly NewDelivery[], now: Instant): void {
    const sql = `INSERT INTO delivery (handler, bus, body, credential, attempts, due_at, state, last_error, changed_at)
      VALUES (?, ?, ?, ?, 0, ?, 'waiting', '', ?)`;
    this.#database.transaction(() => {
      for (const { handler, bus, body, credential, dueAt } of deliveries)
        this.#database.run(sql, [handler, bus, body, credential ?? null, dueAt, now]);
    });
  }

  /** The handlers for whom something waits. */
  handlers(): readonly string[] {
    const rows = this.#database.all("SELECT DISTINCT handler FROM delivery WHERE state = 'waiting'");
    return rows.map((row) => textOf(row, 'handler'));
  }

  /** What is due for a handler, the longest due first. */
  due(handler: string, now: Instant, limit: number): readonly WaitingDelivery[] {
    const sql = `SELECT * FROM delivery WHERE state = 'waiting' AND handler = ? AND due_at <= ?
      ORDER BY due_at, id LIMIT ?`;
    return this.#database.all(sql, [handler, now, limit]).map(waitingOf);
  }

  /** When the next one after `now` comes due. */
  nextDue(now: Instant): Instant | undefined {
    const sql = "SELECT min(due_at) AS due FROM delivery WHERE state = 'waiting' AND due_at > ?";
    const row = this.#database.get(sql, [now]);
    return row?.['due'] == null ? undefined : textOf(row, 'due');
  }

  remove(id: number): void {
    this.#database.run('DELETE FROM delivery WHERE id = ?', [id]);
  }

  /** Notes a failure: tried again at `dueAt`, or given up where there is none. */
  fail(
    id: number,
    failure: { readonly attempts: number; readonly error: string; readonly dueAt: Instant | undefined },
    now: Instant,
  ): void {
    const { attempts, error, dueAt } = failure;
    const sql = `UPDATE delivery SET attempts = ?, last_error = ?, due_at = coalesce(?, due_at), state = ?, changed_at = ?
      WHERE id = ?`;
    this.#database.run(sql, [
      attempts,
      error,
      dueAt ?? null,
      dueAt === undefined ? 'dead' : 'waiting',
      now,
      id,
    ]);
  }

  dead(): readonly DeadLetter[] {
    return this.#database
      .all("SELECT * FROM delivery WHERE state = 'dead' ORDER BY changed_at, id")
      .map(letterOf);
  }

  /** Drives given up deliveries again from the start; with a credential only those about it. */
  revive(credential: string | undefined, now: Instant): number {
    const sql = `UPDATE delivery SET state = 'waiting', attempts = 0, due_at = ?1, changed_at = ?1
      WHERE state = 'dead' AND (?2 IS NULL OR credential = ?2)`;
    return this.#database.run(sql, [now, credential ?? null]);
  }
}

function waitingOf(row: SqlRow): WaitingDelivery {
  return {
    id: numberOf(row, 'id'),
    handler: textOf(row, 'handler'),
    bus: textOf(row, 'bus') === 'default' ? 'default' : 'lockstep',
    body: textOf(row, 'body'),
    attempts: numberOf(row, 'attempts'),
  };
}

function letterOf(row: SqlRow): DeadLetter {
  const event: LockstepEvent | undefined =
    textOf(row, 'bus') === 'lockstep' ? storedEvent(textOf(row, 'body'), 'a dead letter') : undefined;
  return {
    id: String(numberOf(row, 'id')),
    handler: textOf(row, 'handler'),
    ...(event ? { event } : {}),
    attempts: numberOf(row, 'attempts'),
    lastError: textOf(row, 'last_error'),
    at: textOf(row, 'changed_at'),
  };
}
