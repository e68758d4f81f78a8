import { parseJson } from '../../lambdas/contracts/check.ts';
import { handlersOf } from '../../lambdas/contracts/routes.ts';
import { describeError, isLockstepError, LockstepError } from '../../lambdas/core/errors.ts';
import { credentialOf, type LockstepEvent } from '../../lambdas/core/events.ts';
import type { Bus, DeadLetter, DeadLetters } from '../../lambdas/core/ports/bus.ts';
import { backoffSeconds } from '../../lambdas/core/propagation/backoff.ts';
import { instant, secondsAfter } from '../../lambdas/core/time.ts';
import type { AwsEvent } from '../default-bus/aws-event.ts';
import { foreignHandlersOf } from '../default-bus/foreign-handlers.ts';
import { WorkerLoop } from '../loop/worker-loop.ts';
import type { SqliteDatabase } from '../sqlite/database.ts';
import { openDatabase } from '../sqlite/open-database.ts';
import { storedEvent } from '../sqlite/stored-event.ts';
import type { SqliteBusOptions } from './bus-options.ts';
import { DeliveryRows, type NewDelivery, type WaitingDelivery } from './delivery-rows.ts';
import { BUS_SCHEMA } from './schema.ts';

/** However the clock jumps, the file is looked at this often. */
const LONGEST_WAIT_MS = 1000;

/**
 * `Bus` and `DeadLetters` in one SQLite file: what EventBridge, its rules, a queue per function and their
 * dead-letter queues are on AWS, by the same routes table.
 *
 * A delivery is removed after its handler returned. A process that dies before that delivers it again.
 * Nothing is delivered until `start` (or `deliverDue`) is called.
 */
export class SqliteBus implements Bus, DeadLetters {
  readonly #options: SqliteBusOptions;
  readonly #database: SqliteDatabase;
  readonly #rows: DeliveryRows;
  readonly #loop: WorkerLoop;
  readonly #underWay = new Map<number, { readonly handler: string; readonly done: Promise<void> }>();

  /** Errors: `STORE_DAMAGED`, `STORE_FORBIDDEN`, `STORE_NEWER`, `NO_ROOM`; nothing is changed then. */
  constructor(options: SqliteBusOptions) {
    this.#options = options;
    this.#database = openDatabase({
      name: 'the bus',
      path: options.path,
      schema: BUS_SCHEMA,
      unavailable: 'BUS_UNAVAILABLE',
      damaged: 'STORE_DAMAGED',
      isExpendable: true,
    });
    this.#rows = new DeliveryRows(this.#database);
    const { sleep, onError } = options;
    this.#loop = new WorkerLoop({
      work: async () => this.#round(),
      sleep,
      longestWaitMs: LONGEST_WAIT_MS,
      onError,
    });
  }

  async publish(events: readonly LockstepEvent[]): Promise<void> {
    this.#add(events.flatMap((event) => handlersOf(event).map((handler) => ours(handler, event))));
  }

  /** Takes an event of AWS's, as the account's default bus does. */
  async publishAws(event: AwsEvent): Promise<void> {
    const body = JSON.stringify(event);
    const handlers = foreignHandlersOf(event);
    this.#add(handlers.map((handler) => ({ handler, bus: 'default', body, credential: undefined })));
  }

  /** Takes an event to one function, past the routes: what a schedule does (`SCHEDULED_ROUTES`). */
  async send(handler: string, event: LockstepEvent): Promise<void> {
    this.#add([ours(handler, event)]);
  }

  async list(): Promise<readonly DeadLetter[]> {
    return this.#rows.dead();
  }

  async redrive(credential?: string): Promise<number> {
    const taken = this.#rows.revive(credential, this.#now());
    this.#loop.wake();
    return taken;
  }

  /** Delivers from now on, what an earlier process left included. */
  start(): void {
    this.#loop.start();
  }

  /** Starts no further delivery and lets those under way end. What was not delivered stays. */
  async stop(): Promise<void> {
    await this.#loop.stop();
    await this.#settle();
  }

  /** Delivers until nothing is due at this moment, and answers how many attempts that took. For tests and one-off commands. */
  async deliverDue(): Promise<number> {
    let attempts = 0;
    for (;;) {
      const started = this.#begin();
      await this.#settle();
      if (started === 0) return attempts;
      attempts += started;
    }
  }

  close(): void {
    this.#database.close();
  }

  #add(deliveries: readonly Omit<NewDelivery, 'dueAt'>[]): void {
    if (deliveries.length === 0) return;
    const now = this.#now();
    const { turbulence } = this.#options;
    const all = deliveries.flatMap((delivery) =>
      Array.from({ length: Math.max(1, turbulence?.copies() ?? 1) }, () => ({
        ...delivery,
        dueAt: turbulence ? secondsAfter(now, turbulence.delaySeconds()) : now,
      })),
    );
    this.#rows.add(all, now);
    this.#loop.wake();
  }

  #round(): number {
    this.#begin();
    const now = this.#now();
    const next = this.#rows.nextDue(now);
    return next === undefined ? LONGEST_WAIT_MS : Date.parse(next) - Date.parse(now);
  }

  /** Starts what is due and has a place; answers how many. What finds none is started when a place is free. */
  #begin(): number {
    const { concurrency, turbulence } = this.#options;
    const due = this.#rows.handlers().flatMap((handler) => {
      const busy = [...this.#underWay.values()].filter((each) => each.handler === handler).length;
      const candidates = this.#rows.due(handler, this.#now(), concurrency + busy);
      return candidates.filter(({ id }) => !this.#underWay.has(id)).slice(0, concurrency - busy);
    });
    const ordered = turbulence ? turbulence.order(due) : due;
    for (const delivery of ordered) {
      const done = this.#deliver(delivery).then((isNoted) => {
        this.#underWay.delete(delivery.id);
        // Not woken by a file that takes nothing: that would be a busy loop until it does.
        if (isNoted) this.#loop.wake();
      });
      this.#underWay.set(delivery.id, { handler: delivery.handler, done });
    }
    return ordered.length;
  }

  async #deliver(delivery: WaitingDelivery): Promise<boolean> {
    const { onOutcome, onError } = this.#options;
    try {
      const failure = await this.#handle(delivery);
      if (failure === undefined) {
        this.#rows.remove(delivery.id);
        onOutcome?.('delivered', delivery.handler);
      } else this.#failed(delivery, failure.error);
      return true;
    } catch (error) {
      // The file did not take the outcome: the delivery still waits in it, and is made again.
      onError(error);
      return false;
    }
  }

  async #handle({ handler, bus, body }: WaitingDelivery): Promise<{ readonly error: unknown } | undefined> {
    try {
      if (bus === 'default') await this.#awsHandler(handler)(awsEventIn(body));
      else await this.#ourHandler(handler)(storedEvent(body, 'the bus'));
      return undefined;
    } catch (error) {
      return { error };
    }
  }

  #failed({ id, handler, attempts }: WaitingDelivery, error: unknown): void {
    const { retries, random, onOutcome } = this.#options;
    const { code, message } = describeError(error);
    const asked = isLockstepError(error) ? error.retryAfterSeconds : undefined;
    const made = attempts + 1;
    if (isLockstepError(error) && error.remedy === 'sender') {
      this.#rows.remove(id);
      onOutcome?.('dropped', handler, code);
      return;
    }
    const isOver = made >= retries.maxAttempts;
    const now = this.#now();
    const dueAt = isOver ? undefined : secondsAfter(now, backoffSeconds(retries, made, random(), asked));
    this.#rows.fail(id, { attempts: made, error: `${code}: ${message}`, dueAt }, now);
    onOutcome?.(isOver ? 'dead' : 'retried', handler, code);
  }

  #ourHandler(name: string): (event: LockstepEvent) => Promise<void> {
    return this.#options.handlers[name] ?? (() => Promise.reject(notWired(name)));
  }

  #awsHandler(name: string): (event: AwsEvent) => Promise<void> {
    return this.#options.awsHandlers[name] ?? (() => Promise.reject(notWired(name)));
  }

  async #settle(): Promise<void> {
    while (this.#underWay.size > 0) await Promise.all([...this.#underWay.values()].map(({ done }) => done));
  }

  #now(): string {
    return instant(this.#options.clock());
  }
}

const ours = (handler: string, event: LockstepEvent): Omit<NewDelivery, 'dueAt'> => ({
  handler,
  bus: 'lockstep',
  body: JSON.stringify(event),
  credential: credentialOf(event),
});

const awsEventIn = (body: string): AwsEvent =>
  parseJson(body, 'STORE_DAMAGED', 'an event of AWS on the bus') as AwsEvent;

/** Kept and alarmed rather than dropped: the routes name a function that this runtime does not have. */
const notWired = (name: string): LockstepError =>
  new LockstepError('BUS_UNAVAILABLE', `no function ${name} is wired here; start a version that has it`);
