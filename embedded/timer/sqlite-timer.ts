import type { LockstepEvent } from '../../lambdas/core/events.ts';
import type { Timer } from '../../lambdas/core/ports/timer.ts';
import { instant, type Clock, type Instant } from '../../lambdas/core/time.ts';
import type { Sleep } from '../loop/sleep.ts';
import { WorkerLoop } from '../loop/worker-loop.ts';
import type { SqliteDatabase } from '../sqlite/database.ts';
import { openDatabase } from '../sqlite/open-database.ts';
import { numberOf, textOf } from '../sqlite/row.ts';
import { storedEvent } from '../sqlite/stored-event.ts';
import { TIMER_SCHEMA } from './schema.ts';

/** What the timer needs. */
export interface SqliteTimerOptions {
  readonly path: string;
  readonly clock: Clock;
  readonly sleep: Sleep;
  /** Puts the event on the bus; durable when it returns. */
  readonly publish: (events: readonly LockstepEvent[]) => Promise<void>;
  /** A round failed; the next comes by itself. */
  readonly onError: (error: unknown) => void;
}

/** However the clock jumps, and whoever else writes the file: it is looked at this often. */
const LONGEST_WAIT_MS = 1000;
const BATCH = 100;

/**
 * `Timer` in one SQLite file. A timer is removed after its event is on the bus, so a crash between the two
 * fires it again; a process that was down fires late what came due meanwhile.
 */
export class SqliteTimer implements Timer {
  readonly #options: SqliteTimerOptions;
  readonly #database: SqliteDatabase;
  readonly #loop: WorkerLoop;

  /** Errors: `STORE_DAMAGED`, `STORE_FORBIDDEN`, `STORE_NEWER`, `NO_ROOM`; nothing is changed then. */
  constructor(options: SqliteTimerOptions) {
    this.#options = options;
    this.#database = openDatabase({
      name: 'the timers',
      path: options.path,
      schema: TIMER_SCHEMA,
      unavailable: 'TIMER_UNAVAILABLE',
      damaged: 'STORE_DAMAGED',
      isExpendable: true,
    });
    const { sleep, onError } = options;
    this.#loop = new WorkerLoop({
      work: () => this.#round(),
      sleep,
      longestWaitMs: LONGEST_WAIT_MS,
      onError,
    });
  }

  async schedule(id: string, at: Instant, event: LockstepEvent): Promise<void> {
    this.#database.transaction(() => {
      this.#database.run('UPDATE setting SET last = last + 1');
      const sql = `INSERT INTO timer (id, at, event, setting) VALUES (?, ?, ?, (SELECT last FROM setting))
        ON CONFLICT (id) DO UPDATE SET at = excluded.at, event = excluded.event, setting = excluded.setting`;
      this.#database.run(sql, [id, instant(new Date(at)), JSON.stringify(event)]);
    });
    this.#loop.wake();
  }

  async cancel(id: string): Promise<void> {
    this.#database.run('DELETE FROM timer WHERE id = ?', [id]);
  }

  /** Fires from now on whatever comes due. */
  start(): void {
    this.#loop.start();
  }

  /** Lets the round under way end and fires nothing more. */
  stop(): Promise<void> {
    return this.#loop.stop();
  }

  /** Publishes everything that is due and answers how much that was. The loop's work; a test may call it alone. */
  async fireDue(): Promise<number> {
    let fired = 0;
    for (;;) {
      const sql = 'SELECT id, event, setting FROM timer WHERE at <= ? ORDER BY at, id LIMIT ?';
      const due = this.#database.all(sql, [instant(this.#options.clock()), BATCH]);
      if (due.length === 0) return fired;
      await this.#options.publish(due.map((row) => storedEvent(textOf(row, 'event'), 'a timer')));
      for (const row of due) {
        const values = [textOf(row, 'id'), numberOf(row, 'setting')];
        this.#database.run('DELETE FROM timer WHERE id = ? AND setting = ?', values);
      }
      fired += due.length;
    }
  }

  close(): void {
    this.#database.close();
  }

  async #round(): Promise<number> {
    await this.fireDue();
    const next = this.#database.get('SELECT at FROM timer ORDER BY at LIMIT 1');
    if (!next) return LONGEST_WAIT_MS;
    return Math.max(0, Date.parse(textOf(next, 'at')) - this.#options.clock().getTime());
  }
}
