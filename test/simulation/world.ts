import { isLockstepError } from '../../lambdas/core/errors.ts';
import type { Order, Query } from '../../lambdas/contracts/orders.ts';
import { SCHEDULED_ROUTES, type ScheduledRoute } from '../../lambdas/contracts/routes.ts';
import type { OrderAnswer } from '../../lambdas/operate/operate-ports.ts';
import { secretName, type Inventory } from '../../lambdas/core/credential.ts';
import type { LockstepEvent } from '../../lambdas/core/events.ts';
import { makeEvent } from '../../lambdas/core/make-event.ts';
import { publishOutbox } from '../../lambdas/publish-outbox/publish-outbox.ts';
import { Secret } from '../../lambdas/core/secret.ts';
import { ProcessDied } from '../fakes/faulty.ts';
import { token } from '../fakes/counted-ids.ts';
import { type Casting, inventoryOf, TIMES } from './cast.ts';
import { INVOCATION_SECONDS, SimulatedProcess } from './simulated-process.ts';
import { Standstills } from './standstill.ts';
import { Stores, type Sabotage } from './stores.ts';
import { microtasks, Turns } from './turns.ts';
import { Weather, type Climate } from './weather.ts';
import { seededRandom } from '../fakes/counted-ids.ts';
import { forbidValue } from './watched-ports.ts';

/** How often the clock's own events come, in seconds. */
const EVERY_SECONDS = { 'reconcile.due': 300, 'pulse.due': 600, 'seal.due': 300 } as const satisfies Readonly<
  Record<ScheduledRoute['type'], number>
>;
type Clockwork = ScheduledRoute['type'];

/**
 * The whole pipeline in one simulated world: stores that outlive everything, one process after another over
 * them, dependents that live their own lives, and weather. The same seed plays the same story.
 */
export class World {
  readonly inventory: Inventory;
  readonly weather: Weather;
  readonly turns: Turns;
  readonly stores: Stores;
  readonly standstills = new Standstills();
  process: SimulatedProcess;
  /** How often a process has died. */
  deaths = 0;
  readonly #nextDue = new Map<Clockwork, number>();
  #isPumping = false;
  /** After a failure the outbox is tried again a second later. */
  #pumpAt = 0;

  constructor(casting: Casting, climate: Climate, sabotage?: Sabotage) {
    this.inventory = inventoryOf(casting);
    this.weather = new Weather(climate);
    this.turns = new Turns(climate.isInterleaved ? seededRandom(climate.seed + 2) : undefined);
    this.stores = new Stores({
      casting,
      inventory: this.inventory,
      weather: this.weather,
      process: () => this.process,
      ...(sabotage ? { sabotage } : {}),
    });
    this.process = this.#start();
    for (const name of Object.keys(EVERY_SECONDS) as Clockwork[])
      this.#nextDue.set(name, EVERY_SECONDS[name] * 1000);
  }

  get time() {
    return this.stores.time;
  }

  get oracle() {
    return this.stores.oracle;
  }

  /** First values, as they come to be: authorities' from a person, all others made at their targets. */
  async adoptAll(): Promise<void> {
    for (const [at, credential] of this.inventory.credentials.entries()) {
      const isAuthority = credential.family !== 'hook' && credential.authority === undefined;
      if (isAuthority) await this.putByHand(credential.name, token(at + 1));
      await this.order({
        order: 'adopt',
        credential: credential.name,
        value: isAuthority ? 'stored' : 'issue',
      });
      await this.pass(5);
    }
    // By now every dependent has read its first value.
    await this.pass(20);
  }

  /** Gives an order to the pipeline and waits for what becomes of it; an error of ours is an answer. */
  async order(order: Order): Promise<OrderAnswer | string> {
    return this.waitFor(this.giveOrder(order));
  }

  /** Gives an order; what else happens goes on meanwhile. */
  async giveOrder(order: Order): Promise<OrderAnswer | string> {
    if (order.order === 'revoke-breach') this.oracle.breachDeclared(order.credential);
    try {
      const answer = await this.process.invoke((pipeline) =>
        pipeline.operate({ name: 'an operator' }, order),
      );
      this.stores.judge.inspect('the answer to an order', answer);
      return answer;
    } catch (error) {
      return this.#errorText(error);
    } finally {
      if (order.order === 'revoke-breach') this.oracle.breachAnswered(order.credential, this.time.elapsed);
    }
  }

  /** Gives an order again until it is carried out: as a person does who has to see it done. */
  async insist(order: Order): Promise<void> {
    for (let tries = 0; tries < 40; tries += 1) {
      if (typeof (await this.order(order)) !== 'string') return;
      await this.pass(5);
    }
    this.oracle.violated(`nobody could get the order ${order.order} through`);
  }

  /** Lets every invocation that is under way come to its end. */
  async rest(): Promise<void> {
    await this.pass(INVOCATION_SECONDS + 1);
  }

  async report(query: Query): ReturnType<SimulatedProcess['pipeline']['report']> {
    return this.waitFor(this.process.invoke((pipeline) => pipeline.report(query)));
  }

  /** An event comes from outside, as a schedule sends it. */
  async send<T extends LockstepEvent['type']>(
    type: T,
    detail: Extract<LockstepEvent, { readonly type: T }>['detail'],
  ): Promise<void> {
    const { bus, newId, time } = this.stores;
    const source = { environment: this.inventory.environment, clock: time.now, newId };
    const event: LockstepEvent = makeEvent(source, type, detail as never);
    await bus.publish([event]);
  }

  /** The process is killed, whatever it is at; the next one starts over the same stores. */
  kill(): void {
    this.process.plan.kill();
    this.#reviveIfDead();
  }

  /** Lets so many seconds pass, and everything happen that happens in them. */
  async pass(seconds: number): Promise<void> {
    const end = this.time.elapsed + seconds * 1000;
    for (;;) {
      await this.settle();
      const next = Math.min(end, this.#nextMoment());
      this.time.passUntil(next);
      if (next >= end) break;
    }
    await this.settle();
  }

  /** Lets happen, and time pass, until some work has come to its end. */
  async waitFor<T>(work: Promise<T>): Promise<T> {
    const state = { isDone: false };
    const noteEnd = (): void => void (state.isDone = true);
    work.then(noteEnd, noteEnd);
    for (;;) {
      await this.settle();
      if (state.isDone) return work;
      this.time.passUntil(this.#nextMoment());
    }
  }

  /** Lets everything happen that can happen without time passing. */
  async settle(): Promise<void> {
    while (await this.#step());
  }

  /** Lets so many calls happen, or all that can. */
  async goOn(turns: number): Promise<void> {
    for (let turn = 0; turn < turns && (await this.#step()); turn += 1);
  }

  /** One call of somebody, or something that is due; `false` where nothing can happen without time passing. */
  async #step(): Promise<boolean> {
    await microtasks();
    this.#reviveIfDead();
    return this.turns.next() || this.stores.bus.startDue() > 0 || this.#stir();
  }

  #nextMoment(): number {
    const { bus, dependents, timer, time } = this.stores;
    const at = timer.nextAt;
    const wall = at === undefined ? Number.POSITIVE_INFINITY : Date.parse(at) - time.now().getTime();
    const acting = dependents.map(({ nextAt }) => nextAt).filter((each) => each > time.elapsed);
    const moments = [time.nextWaking, bus.nextDue, this.#pumpAt, ...this.#nextDue.values(), ...acting];
    return Math.max(
      time.elapsed + 1,
      Math.min(...moments.filter((each) => each > time.elapsed), time.elapsed + Math.max(1, wall)),
    );
  }

  /** Whatever is due by itself: timers, the outbox, dependents, the clockwork. */
  async #stir(): Promise<boolean> {
    const { timer, dependents, time } = this.stores;
    let stirred = (await timer.fireDue()) > 0;
    for (const dependent of dependents) {
      if (dependent.isActing || dependent.nextAt > time.elapsed) continue;
      void dependent.act();
      stirred = true;
    }
    for (const [name, due] of this.#nextDue) {
      if (due > time.elapsed) continue;
      this.#nextDue.set(name, time.elapsed + EVERY_SECONDS[name] * 1000);
      await this.#tick(name);
      stirred = true;
    }
    return (await this.#pump()) || stirred;
  }

  /** A schedule sends its event to the one function that it is for. */
  async #tick(type: Clockwork): Promise<void> {
    const { bus, newId, time } = this.stores;
    const source = { environment: this.inventory.environment, clock: time.now, newId };
    for (const { handler } of SCHEDULED_ROUTES.filter((route) => route.type === type))
      await bus.send(handler, makeEvent(source, type, {}));
  }

  /** `publish-outbox`, which the table's stream wakes. */
  async #pump(): Promise<boolean> {
    const { ledger, time } = this.stores;
    if (this.#isPumping || time.elapsed < this.#pumpAt || (await ledger.pending(1)).length === 0)
      return false;
    this.#isPumping = true;
    const { outbox, bus } = this.process.wrapped;
    void this.process
      .invoke(() => publishOutbox(outbox, bus))
      .catch((error: unknown) => {
        this.#errorText(error);
        this.#pumpAt = time.elapsed + 1000;
      })
      .finally(() => (this.#isPumping = false));
    return true;
  }

  #reviveIfDead(): void {
    if (!this.process.plan.isDead) return;
    this.deaths += 1;
    this.process = this.#start();
  }

  #start(): SimulatedProcess {
    const { turns, weather, stores } = this;
    return new SimulatedProcess({
      parts: stores.parts,
      plan: weather.plan(),
      turns,
      time: stores.time,
      weather,
      standstills: this.standstills,
      outages: stores.outages,
    });
  }

  #errorText(error: unknown): string {
    if (error instanceof ProcessDied) return 'PROCESS_DIED';
    if (!isLockstepError(error)) this.oracle.violated(`an error that is none of ours: ${String(error)}`);
    const said = isLockstepError(error) ? `${error.code}: ${error.message}` : 'UNEXPECTED';
    this.stores.judge.inspect('an error', said);
    return said;
  }

  /** A person's own right: the value is put at the target and in the vault without us. */
  async putByHand(name: string, version: string): Promise<void> {
    const { inventory } = this;
    const credential = inventory.credentials.find((each) => each.name === name);
    if (!credential) throw new RangeError(`no credential ${name}`);
    const target = this.stores.targetOf(credential);
    const request = {
      environment: inventory.environment,
      mark: this.stores.parts.mark,
      credential,
      token: version,
      fence: 0,
      withAuthority: () => Promise.reject(new Error('a person needs none')),
    };
    const issued = await target.issue(request, undefined);
    forbidValue(this.stores.judge, issued.value);
    await target.install(request, { version, ...issued }, undefined);
    await this.stores.vault.putFirst(
      secretName(inventory.environment, name),
      version,
      new Secret(issued.value.reveal()),
    );
  }
}

/** Longer than anything that a workspace declares to wait for. */
export const LONG_SECONDS = TIMES.deadline + TIMES.drain + TIMES.soak;
