import { ACCESS_SCHEDULED_ROUTES } from '../../../lambdas/contracts/routes.ts';
import type { AccessAskName, AccessAsks, AccessAnswers } from '../../../lambdas/contracts/access-requests.ts';
import { callerKey, type Caller } from '../../../lambdas/core/access/caller.ts';
import { isLeaseOf } from '../../../lambdas/core/access/lease-id.ts';
import { isLockstepError } from '../../../lambdas/core/errors.ts';
import type { EventOf } from '../../../lambdas/core/events.ts';
import { makeEvent } from '../../../lambdas/core/make-event.ts';
import type { LeaserCapabilities } from '../../../lambdas/core/ports/leaser.ts';
import type { Ledger, LedgerWrite } from '../../../lambdas/core/ports/ledger.ts';
import { Secret } from '../../../lambdas/core/secret.ts';
import type { SweepEvent } from '../../../lambdas/sweep-leases/sweep-leases.ts';
import { countedBytes, countedIds, seededRandom } from '../../fakes/counted-ids.ts';
import { CountingMetrics } from '../../fakes/counting-metrics.ts';
import { ProcessDied, type FaultPlan } from '../../fakes/faulty.ts';
import { Judge } from '../../fakes/judge.ts';
import { MARK, OTHER_MARK } from '../../fakes/marks.ts';
import { MemoryAudit } from '../../fakes/memory-audit.ts';
import { MemoryLedger } from '../../fakes/memory-ledger.ts';
import { MemoryTimer } from '../../fakes/memory-timer.ts';
import { TablePolicy } from '../../fakes/table-policy.ts';
import { SimulatedBus } from '../simulated-bus.ts';
import { SimulatedTime } from '../simulated-time.ts';
import { Standstills } from '../standstill.ts';
import { microtasks, Turns } from '../turns.ts';
import { Weather, type Climate } from '../weather.ts';
import { LEASE_INVENTORY, LEASE_RULES } from './lease-cast.ts';
import { LeaseOracle } from './lease-oracle.ts';
import { LeaseProcess, type LeaseParts, type LeaseSabotage } from './lease-process.ts';
import { SimulatedTarget } from './simulated-target.ts';

const EVERY_SECONDS = ACCESS_SCHEDULED_ROUTES[0]?.everySeconds ?? 60;

/** The share of moments in which a message is taken up although others are still being worked on. */
const BEGINS_EARLY = 0.2;

/** What a test changes of the usual world. */
interface LeaseWorldOptions {
  readonly sabotage?: LeaseSabotage | undefined;
  readonly target?: Partial<LeaserCapabilities>;
  /** The faults of each process; otherwise they come with the weather. */
  readonly plan?: () => FaultPlan;
  /** `false`: the sweeper has no rounds by the clock. */
  readonly rounds?: boolean;
  /** Another deployment, whose environment and whose leasables are called the same: this one is at its target, in its time. */
  readonly beside?: LeaseWorld;
}

/**
 * Broker, sweeper and target in one simulated world: stores that outlive everything, one process after another over
 * them, holders, and weather. The same seed plays the same story.
 */
export class LeaseWorld {
  readonly mark: string;
  readonly judge = new Judge();
  readonly time: SimulatedTime;
  readonly newId = countedIds(1);
  readonly ledger = new MemoryLedger(this.judge);
  readonly audit = new MemoryAudit(this.judge);
  readonly metrics = new CountingMetrics(this.judge);
  readonly oracle: LeaseOracle;
  readonly weather: Weather;
  readonly turns: Turns;
  readonly bus: SimulatedBus;
  readonly timer: MemoryTimer;
  readonly target: SimulatedTarget;
  /** Ids of the leases that holders were given, in that order. */
  readonly given: string[] = [];
  /** Until when the target is down, in elapsed milliseconds. */
  downUntil = 0;
  process: LeaseProcess;
  readonly #parts: LeaseParts;
  readonly #plan: () => FaultPlan;
  /** All deployments at the target: time passes for them together. */
  readonly #together: LeaseWorld[];
  #nextRound = EVERY_SECONDS * 1000;
  readonly #random: () => number;
  #isPumping = false;
  #pumpAt = 0;

  constructor(climate: Climate, options: LeaseWorldOptions = {}) {
    const { sabotage = (parts) => parts, target = {}, plan, rounds = true, beside } = options;
    this.mark = beside ? OTHER_MARK : MARK;
    this.time = beside?.time ?? new SimulatedTime();
    this.oracle = new LeaseOracle(this.ledger, this.audit, this.mark);
    this.#together = beside ? beside.#together : [];
    this.#together.push(this);
    const { mark, judge, time, metrics, oracle } = this;
    if (!rounds) this.#nextRound = Number.POSITIVE_INFINITY;
    this.weather = new Weather(climate);
    this.#random = seededRandom(climate.seed + 3);
    this.#plan = plan ?? (() => this.weather.plan());
    this.turns = new Turns(climate.isInterleaved ? seededRandom(climate.seed + 2) : undefined);
    this.target = new SimulatedTarget({
      inventory: LEASE_INVENTORY,
      mark,
      leaser: beside?.target.leaser,
      judge,
      metrics,
      time,
      weather: this.weather,
      capabilities: target,
      onCommand: (command) => oracle.commanded(command),
      onChange: (leaser) => this.#together.forEach((each) => each.oracle.checkInstant(leaser)),
    });
    this.bus = new SimulatedBus({
      time,
      judge,
      weather: this.weather,
      handle: (handler, event) => this.#handle(handler, event as SweepEvent),
      onForeignError: (error) => oracle.violated(`an error that is none of ours: ${String(error)}`),
    });
    this.timer = new MemoryTimer(time.now, (events) => this.bus.publish(events), judge);
    this.#parts = sabotage(this.#honestParts());
    this.process = this.#start();
  }

  /** Asks the broker, as one that waits for the answer and hears an error of ours as one. */
  async ask<N extends AccessAskName>(
    caller: Caller,
    ask: N,
    asks: AccessAsks[N],
  ): Promise<AccessAnswers[N] | string> {
    try {
      return await this.process.invoke(() => this.process.grant(caller, { ask, ...asks }));
    } catch (error) {
      return this.#errorText(error);
    }
  }

  /** Asks for a lease; a value that comes back is taken, and used if it is to be. */
  async lease(caller: Caller, asks: AccessAsks['lease'], connects: boolean): Promise<void> {
    const answer = await this.ask(caller, 'lease', asks);
    if (typeof answer === 'string' || answer.status !== 'issued') return;
    const { value, lease } = answer;
    this.oracle.handed({ lease: lease.id, value, request: `${callerKey(caller)} ${asks.requestId}` });
    this.given.push(lease.id);
    if (connects) this.target.leaser.connect(new Secret(value));
  }

  /** An event comes from outside. */
  async send<T extends 'credential.breached' | 'leases.due'>(
    type: T,
    detail: EventOf<T>['detail'],
  ): Promise<void> {
    const source = { environment: 'test', clock: this.time.now, newId: this.newId };
    await this.bus.send('sweep-leases', makeEvent(source, type, detail as never));
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
      const next = Math.min(end, ...this.#together.map((each) => each.#nextMoment()));
      this.time.passUntil(next);
      this.target.leaser.isDown = this.#together.some(({ downUntil }) => this.time.elapsed < downUntil);
      if (next >= end) break;
    }
    await this.settle();
  }

  async settle(): Promise<void> {
    for (;;) {
      const steps: boolean[] = [];
      for (const each of this.#together) steps.push(await each.#step());
      if (!steps.includes(true)) return;
    }
  }

  /** Leases of this deployment that work at the target, or still have a session. */
  alive(): readonly string[] {
    return this.target.leaser.alive().filter((id) => isLeaseOf(this.mark, id));
  }

  /** Lets so many calls happen, or all that can. */
  async goOn(turns: number): Promise<void> {
    for (let turn = 0; turn < turns && (await this.#step()); turn += 1);
  }

  async #step(): Promise<boolean> {
    await microtasks();
    this.#reviveIfDead();
    // Where invocations overtake each other, one begins also while others are at work.
    const isEarly = this.turns.isInterleaved && this.#random() < BEGINS_EARLY;
    if (isEarly && (this.bus.startDue() > 0 || (await this.#pump()))) return true;
    return this.turns.next() || this.bus.startDue() > 0 || this.#stir();
  }

  #nextMoment(): number {
    const { bus, timer, time } = this;
    const at = timer.nextAt;
    const wall =
      at === undefined
        ? Number.POSITIVE_INFINITY
        : time.elapsed + Math.max(1, Date.parse(at) - time.now().getTime());
    const moments = [time.nextWaking, bus.nextDue, this.#pumpAt, this.#nextRound, this.downUntil];
    return Math.max(time.elapsed + 1, Math.min(wall, ...moments.filter((each) => each > time.elapsed)));
  }

  /** Whatever is due by itself: timers, the outbox, the clock's own round. */
  async #stir(): Promise<boolean> {
    let stirred = (await this.timer.fireDue()) > 0;
    if (this.#nextRound <= this.time.elapsed) {
      this.#nextRound = this.time.elapsed + EVERY_SECONDS * 1000;
      await this.send('leases.due', {});
      stirred = true;
    }
    return (await this.#pump()) || stirred;
  }

  async #pump(): Promise<boolean> {
    const { ledger, time } = this;
    if (this.#isPumping || time.elapsed < this.#pumpAt || (await ledger.pending(1)).length === 0)
      return false;
    this.#isPumping = true;
    void this.process
      .invoke(() => this.process.publish())
      .catch((error: unknown) => {
        this.#errorText(error);
        this.#pumpAt = time.elapsed + 1000;
      })
      .finally(() => (this.#isPumping = false));
    return true;
  }

  async #handle(handler: string, event: SweepEvent): Promise<void> {
    if (handler === 'sweep-leases') await this.process.invoke(() => this.process.sweep(event));
  }

  #reviveIfDead(): void {
    if (this.process.plan.isDead) this.process = this.#start();
  }

  #start(): LeaseProcess {
    const { turns, weather, time } = this;
    return new LeaseProcess(this.#parts, this.#plan(), {
      turns,
      weather,
      time,
      standstills: new Standstills(),
      outages: new Set(),
    });
  }

  #honestParts(): LeaseParts {
    const { mark, judge, time, ledger, audit, metrics, newId, bus, timer, target } = this;
    return {
      inventory: LEASE_INVENTORY,
      mark,
      ledger: watched(ledger, (writes) => this.oracle.checkOver(writes, target.leaser)),
      outbox: ledger,
      bus,
      timer,
      audit: audit.appender,
      leases: target,
      policy: new TablePolicy(LEASE_RULES, judge),
      metrics,
      clock: time.now,
      newId,
      randomBytes: countedBytes(),
      sleep: (milliseconds) => time.sleep(milliseconds),
      capabilitiesOf: () => target.leaser.capabilities,
      judge,
    };
  }

  #errorText(error: unknown): string {
    if (error instanceof ProcessDied) return 'PROCESS_DIED';
    if (!isLockstepError(error)) this.oracle.violated(`an error that is none of ours: ${String(error)}`);
    const said = isLockstepError(error) ? `${error.code}: ${error.message}` : 'UNEXPECTED';
    this.judge.inspect('an error', said);
    return said;
  }
}

/** The ledger, of which somebody sees every commit that has happened. */
const watched = (ledger: Ledger, onCommit: (writes: readonly LedgerWrite[]) => void): Ledger => ({
  read: (...given) => ledger.read(...given),
  list: (...given) => ledger.list(...given),
  page: (...given) => ledger.page(...given),
  commit: async (writes, events) => {
    await ledger.commit(writes, events);
    onCommit(writes);
  },
});
