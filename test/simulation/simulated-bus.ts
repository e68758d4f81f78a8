import { handlersOf } from '../../lambdas/contracts/routes.ts';
import { describeError, isLockstepError } from '../../lambdas/core/errors.ts';
import { credentialOf, type LockstepEvent } from '../../lambdas/core/events.ts';
import type { Bus, DeadLetter, DeadLetters } from '../../lambdas/core/ports/bus.ts';
import { backoffSeconds, type RetryPolicy } from '../../lambdas/core/propagation/backoff.ts';
import { ProcessDied } from '../fakes/faulty.ts';
import { stored, type Judge } from '../fakes/judge.ts';
import type { SimulatedTime } from './simulated-time.ts';
import type { Weather } from './weather.ts';

interface Delivery {
  readonly id: number;
  readonly handler: string;
  readonly event: LockstepEvent;
  attempts: number;
  due: number;
  state: 'waiting' | 'running' | 'dead';
  lastError: string;
}

/** What the bus is given. */
export interface SimulatedBusOptions {
  readonly time: SimulatedTime;
  readonly judge: Judge;
  readonly weather: Weather;
  readonly handle: (handler: string, event: LockstepEvent) => Promise<void>;
  /** An error that is none of ours: a fault of the code, whatever the bus makes of it. */
  readonly onForeignError: (error: unknown) => void;
}

/** Six attempts: enough to outlive bad weather now and then, few enough that there are dead letters. */
const RETRIES: RetryPolicy = { maxAttempts: 6, baseSeconds: 2, capSeconds: 120 };

/**
 * `Bus` and `DeadLetters` that deliver many things at once: repeated, held back and in any order, as the
 * weather has it. What has been published survives every process; a delivery whose process died comes again.
 */
export class SimulatedBus implements Bus, DeadLetters {
  readonly #options: SimulatedBusOptions;
  readonly #contents = new Map<string, string>();
  #deliveries: Delivery[] = [];
  #count = 0;

  constructor(options: SimulatedBusOptions) {
    this.#options = options;
  }

  /** When the next delivery is due. */
  get nextDue(): number {
    const waiting = this.#deliveries.filter(({ state }) => state === 'waiting');
    return Math.min(Number.POSITIVE_INFINITY, ...waiting.map(({ due }) => due));
  }

  async publish(events: readonly LockstepEvent[]): Promise<void> {
    for (const event of events) {
      this.#inspect(event);
      for (const handler of handlersOf(event)) this.#add(handler, event);
    }
  }

  /** What a schedule sends to its one function, past the routes. */
  async send(handler: string, event: LockstepEvent): Promise<void> {
    this.#inspect(event);
    this.#add(handler, event);
  }

  async list(): Promise<readonly DeadLetter[]> {
    return this.#deliveries
      .filter(({ state }) => state === 'dead')
      .map(({ id, handler, event, attempts, lastError }) => {
        const at = this.#options.time.now().toISOString();
        return { id: String(id), handler, event, attempts, lastError, at };
      });
  }

  async redrive(credential?: string): Promise<number> {
    const taken = this.#deliveries.filter(
      ({ state, event }) =>
        state === 'dead' && (credential === undefined || credentialOf(event) === credential),
    );
    for (const each of taken)
      Object.assign(each, { state: 'waiting', attempts: 0, due: this.#options.time.elapsed });
    return taken.length;
  }

  /** Starts every delivery that is due, some or all at once, and answers how many that were. */
  startDue(): number {
    const now = this.#options.time.elapsed;
    const due = this.#deliveries.filter((each) => each.state === 'waiting' && each.due <= now);
    const started = this.#options.weather.order(due);
    for (const delivery of started) {
      delivery.state = 'running';
      void this.#deliver(delivery);
    }
    return started.length;
  }

  #add(handler: string, event: LockstepEvent): void {
    const { weather, time } = this.#options;
    for (let copy = 0; copy < weather.copies(); copy += 1) {
      this.#count += 1;
      const due = time.elapsed + weather.delaySeconds() * 1000;
      const id = this.#count;
      this.#deliveries.push({
        id,
        handler,
        event: stored(event),
        attempts: 0,
        due,
        state: 'waiting',
        lastError: '',
      });
    }
  }

  async #deliver(delivery: Delivery): Promise<void> {
    try {
      await this.#options.handle(delivery.handler, delivery.event);
      this.#remove(delivery);
    } catch (error) {
      this.#failed(delivery, error);
    }
  }

  #failed(delivery: Delivery, error: unknown): void {
    const { time, judge, weather } = this.#options;
    delivery.state = 'waiting';
    delivery.due = time.elapsed + 1000;
    // A process that died has not failed: the queue shows the message again.
    if (error instanceof ProcessDied) return;
    const { code, message } = describeError(error);
    if (code === 'UNEXPECTED') this.#options.onForeignError(error);
    if (isLockstepError(error) && error.remedy === 'sender') return this.#remove(delivery);
    delivery.attempts += 1;
    delivery.lastError = `${code}: ${message}`;
    if (delivery.attempts >= RETRIES.maxAttempts) delivery.state = 'dead';
    const asked = isLockstepError(error) ? error.retryAfterSeconds : undefined;
    delivery.due = time.elapsed + backoffSeconds(RETRIES, delivery.attempts, weather.random(), asked) * 1000;
    judge.inspect('the last error of a delivery', delivery.lastError);
  }

  #remove(delivery: Delivery): void {
    this.#deliveries = this.#deliveries.filter((each) => each !== delivery);
  }

  #inspect(event: LockstepEvent): void {
    const { judge } = this.#options;
    judge.inspect(`event ${event.type}`, event);
    const text = JSON.stringify(event);
    const before = this.#contents.get(event.id) ?? text;
    judge.demand(before === text, `event ${event.id} was published again with another content`);
    this.#contents.set(event.id, text);
  }
}
