import type { Turbulence } from '../../embedded/bus/bus-options.ts';
import type { AwsEvent } from '../../embedded/default-bus/aws-event.ts';
import { foreignHandlersOf } from '../../embedded/default-bus/foreign-handlers.ts';
import { handlersOf } from '../../lambdas/contracts/routes.ts';
import { describeError, isLockstepError } from '../../lambdas/core/errors.ts';
import { credentialOf, type LockstepEvent } from '../../lambdas/core/events.ts';
import type { Bus, DeadLetter, DeadLetters } from '../../lambdas/core/ports/bus.ts';
import {
  backoffSeconds,
  DELIVERY_RETRIES,
  type RetryPolicy,
} from '../../lambdas/core/propagation/backoff.ts';
import { instant, type Clock } from '../../lambdas/core/time.ts';
import { Judge, stored } from './judge.ts';

type Handler = (event: LockstepEvent) => Promise<void>;
type AwsHandler = (event: AwsEvent) => Promise<void>;

interface Delivery {
  readonly id: number;
  readonly handler: string;
  readonly event: LockstepEvent | AwsEvent;
  attempts: number;
  due: number;
  isDead: boolean;
  lastError: string;
}

/** What the bus is given. */
export interface MemoryBusOptions {
  readonly clock: Clock;
  readonly judge?: Judge;
  readonly turbulence?: Turbulence;
  readonly retries?: RetryPolicy;
}

/**
 * `Bus` and `DeadLetters` in memory. Delivers when it is told to, one delivery after the other. Judges: an
 * event without an id, an event id with two contents, a secret in an event.
 */
export class MemoryBus implements Bus, DeadLetters {
  readonly judge: Judge;
  readonly #options: MemoryBusOptions;
  readonly #handlers = new Map<string, Handler>();
  readonly #awsHandlers = new Map<string, AwsHandler>();
  readonly #contents = new Map<string, string>();
  readonly #published: LockstepEvent[] = [];
  readonly #dropped: { readonly handler: string; readonly code: string }[] = [];
  #deliveries: Delivery[] = [];
  #count = 0;

  constructor(options: MemoryBusOptions) {
    this.#options = options;
    this.judge = options.judge ?? new Judge();
  }

  /** Wires a function of the routes table; again replaces it, as a new process does. */
  wire(handler: string, work: Handler): void {
    this.#handlers.set(handler, work);
  }

  wireAws(handler: string, work: AwsHandler): void {
    this.#awsHandlers.set(handler, work);
  }

  /** Every event that was ever taken, repeats included. */
  get published(): readonly LockstepEvent[] {
    return this.#published;
  }

  /** Deliveries whose event was wrong and stays wrong. */
  get dropped(): readonly { readonly handler: string; readonly code: string }[] {
    return this.#dropped;
  }

  /** How many deliveries wait, dead ones not counted. */
  get waiting(): number {
    return this.#deliveries.filter(({ isDead }) => !isDead).length;
  }

  async publish(events: readonly LockstepEvent[]): Promise<void> {
    for (const event of events) this.#judge(event);
    for (const event of events) {
      this.#published.push(stored(event));
      for (const handler of handlersOf(event)) this.#add(handler, event);
    }
  }

  async publishAws(event: AwsEvent): Promise<void> {
    this.judge.inspect(`AWS event ${event['detail-type']}`, event);
    for (const handler of foreignHandlersOf(event)) this.#add(handler, event);
  }

  async send(handler: string, event: LockstepEvent): Promise<void> {
    this.#judge(event);
    this.#add(handler, event);
  }

  /** Delivers until nothing is due now; answers how many attempts that took. */
  async deliverDue(most = 10_000): Promise<number> {
    for (let attempts = 0; ; attempts += 1) {
      const now = this.#options.clock().getTime();
      const due = this.#deliveries.filter((each) => !each.isDead && each.due <= now);
      const [next] = this.#options.turbulence?.order(due) ?? due;
      if (!next) return attempts;
      this.judge.demand(attempts < most, `more than ${most} deliveries without an end`);
      await this.#deliver(next);
    }
  }

  async list(): Promise<readonly DeadLetter[]> {
    return this.#deliveries.filter(({ isDead }) => isDead).map((each) => this.#letter(each));
  }

  async redrive(credential?: string): Promise<number> {
    const taken = this.#deliveries.filter(
      ({ isDead, event }) =>
        isDead && (credential === undefined || ('type' in event && credentialOf(event) === credential)),
    );
    for (const each of taken)
      Object.assign(each, { isDead: false, attempts: 0, due: this.#options.clock().getTime() });
    return taken.length;
  }

  #add(handler: string, event: LockstepEvent | AwsEvent): void {
    const { turbulence, clock } = this.#options;
    const copies = Math.max(1, turbulence?.copies() ?? 1);
    for (let copy = 0; copy < copies; copy += 1) {
      const due = clock().getTime() + (turbulence?.delaySeconds() ?? 0) * 1000;
      this.#count += 1;
      this.#deliveries.push({
        id: this.#count,
        handler,
        event: stored(event),
        attempts: 0,
        due,
        isDead: false,
        lastError: '',
      });
    }
  }

  async #deliver(delivery: Delivery): Promise<void> {
    try {
      await this.#handle(delivery);
      this.#remove(delivery);
    } catch (error) {
      this.#failed(delivery, error);
    }
  }

  async #handle({ handler, event }: Delivery): Promise<void> {
    if ('type' in event) await this.#handlers.get(handler)?.(event);
    else await this.#awsHandlers.get(handler)?.(event);
    const isWired = 'type' in event ? this.#handlers.has(handler) : this.#awsHandlers.has(handler);
    this.judge.demand(isWired, `the routes name ${handler}, and no such function is wired`);
  }

  #failed(delivery: Delivery, error: unknown): void {
    const { code, message } = describeError(error);
    if (isLockstepError(error) && error.remedy === 'sender') {
      this.#dropped.push({ handler: delivery.handler, code });
      this.#remove(delivery);
      return;
    }
    const retries = this.#options.retries ?? DELIVERY_RETRIES;
    const asked = isLockstepError(error) ? error.retryAfterSeconds : undefined;
    delivery.attempts += 1;
    delivery.isDead = delivery.attempts >= retries.maxAttempts;
    delivery.lastError = `${code}: ${message}`;
    const wait = backoffSeconds(retries, delivery.attempts, 0.5, asked);
    delivery.due = this.#options.clock().getTime() + wait * 1000;
    this.judge.inspect('the last error of a delivery', delivery.lastError);
  }

  #remove(delivery: Delivery): void {
    this.#deliveries = this.#deliveries.filter((each) => each !== delivery);
  }

  #letter({ id, handler, event, attempts, lastError }: Delivery): DeadLetter {
    const at = instant(this.#options.clock());
    return { id: String(id), handler, ...('type' in event ? { event } : {}), attempts, lastError, at };
  }

  #judge(event: LockstepEvent): void {
    this.judge.inspect(`event ${event.type}`, event);
    this.judge.demand(event.id.length > 0, `an event ${event.type} without an id`);
    const text = JSON.stringify(event);
    const before = this.#contents.get(event.id) ?? text;
    this.judge.demand(before === text, `event ${event.id} was published again with another content`);
    this.#contents.set(event.id, text);
  }
}
