import type { AccessAnswers, AccessAskName, AccessAsks } from '../../lambdas/contracts/access-requests.ts';
import { handlersOf } from '../../lambdas/contracts/routes.ts';
import { secretName, type Inventory } from '../../lambdas/core/credential.ts';
import type { Caller } from '../../lambdas/core/access/caller.ts';
import type { Lease } from '../../lambdas/core/access/lease.ts';
import type { LockstepEvent } from '../../lambdas/core/events.ts';
import type { LeaserCapabilities } from '../../lambdas/core/ports/leaser.ts';
import type { Family, Ledger } from '../../lambdas/core/ports/ledger.ts';
import type { Page } from '../../lambdas/core/ports/pager.ts';
import { Secret } from '../../lambdas/core/secret.ts';
import { grantLease } from '../../lambdas/grant-lease/grant-lease.ts';
import type { AtTheDoor, GrantPorts } from '../../lambdas/grant-lease/grant-ports.ts';
import { serveLease } from '../../lambdas/serve-lease/serve-lease.ts';
import { sweepLeases, type SweepEvent } from '../../lambdas/sweep-leases/sweep-leases.ts';
import type { SweepPorts } from '../../lambdas/sweep-leases/sweep-ports.ts';
import { countedBytes, countedIds, token } from '../fakes/counted-ids.ts';
import { CountingMetrics } from '../fakes/counting-metrics.ts';
import { FakeClock } from '../fakes/fake-clock.ts';
import { Judge } from '../fakes/judge.ts';
import { LocalLeases } from '../fakes/local-leases.ts';
import { MemoryAudit } from '../fakes/memory-audit.ts';
import { MEMORY_AUTHORITY_VALUE, MemoryLeaser, type MemoryLeaserOptions } from '../fakes/memory-leaser.ts';
import { MemoryLedger } from '../fakes/memory-ledger.ts';
import { MemoryTimer } from '../fakes/memory-timer.ts';
import { MemoryVault } from '../fakes/memory-vault.ts';
import { rightfulLedger } from '../fakes/rightful-ledger.ts';
import { TablePolicy } from '../fakes/table-policy.ts';
import { MARK } from '../fakes/marks.ts';
import { INVENTORY, RULES } from './an-inventory.ts';

/** What a test changes of the usual world. */
export interface BrokerOptions {
  readonly inventory?: Inventory;
  readonly capabilities?: Partial<LeaserCapabilities>;
  readonly leaser?: Pick<MemoryLeaserOptions, 'pageSize' | 'onChange'>;
  /** The mark of this deployment, and a target that another one works at as well. */
  readonly mark?: string;
  readonly target?: MemoryLeaser;
  readonly grant?: (ports: GrantPorts) => Partial<GrantPorts>;
  readonly sweep?: (ports: SweepPorts) => Partial<SweepPorts>;
}

/** The broker and the sweeper over stores in memory, with one kind of lease, and a bus that delivers when told to. */
export class Broker {
  readonly judge = new Judge();
  readonly clock = new FakeClock();
  readonly ledger = new MemoryLedger(this.judge, this.clock.now);
  readonly audit = new MemoryAudit(this.judge);
  readonly metrics = new CountingMetrics(this.judge);
  readonly policy = new TablePolicy(RULES, this.judge);
  readonly leaser: MemoryLeaser;
  readonly leases = new LocalLeases();
  readonly timer: MemoryTimer;
  readonly pages: Page[] = [];
  readonly grantPorts: GrantPorts;
  readonly sweepPorts: SweepPorts;
  readonly #bus: LockstepEvent[] = [];
  readonly #grant: ReturnType<typeof grantLease>;
  readonly #sweep: ReturnType<typeof sweepLeases>;
  #requests = 0;
  #meanwhile: { readonly family: Family; readonly meanwhile: () => Promise<unknown> } | undefined;

  constructor(options: BrokerOptions = {}) {
    const { inventory = INVENTORY, capabilities = {}, leaser = {}, mark = MARK, grant, sweep } = options;
    const { judge, clock } = this;
    this.leaser = options.target ?? new MemoryLeaser({ ...leaser, clock: clock.now, judge, capabilities });
    this.timer = new MemoryTimer(clock.now, async (events) => void this.#bus.push(...events), judge);
    this.#wireLeases(inventory, mark);
    const common = {
      inventory,
      ledger: this.ledger,
      audit: this.audit.appender,
      metrics: this.metrics,
      leases: this.leases,
      clock: clock.now,
      newId: countedIds(1),
      capabilitiesOf: (kind: string) => (kind === 'memory' ? this.leaser.capabilities : undefined),
    };
    this.sweepPorts = {
      ...common,
      ledger: rightfulLedger(this.ledger, 'sweep-leases', judge),
      functionName: 'sweep-leases',
    };
    this.grantPorts = {
      ...common,
      ledger: this.#held(rightfulLedger(this.ledger, 'grant-lease', judge)),
      functionName: 'grant-lease',
      mark,
      policy: this.policy,
      timer: this.timer,
      randomBytes: countedBytes(),
      sleep: async () => undefined,
    };
    this.#grant = grantLease({ ...this.grantPorts, ...grant?.(this.grantPorts) });
    this.#sweep = sweepLeases({ ...this.sweepPorts, ...sweep?.(this.sweepPorts) });
  }

  ask<N extends AccessAskName>(
    caller: Caller,
    ask: N,
    asks: AccessAsks[N],
    door?: AtTheDoor,
  ): Promise<AccessAnswers[N]> {
    return this.#grant(caller, { ask, ...asks }, door);
  }

  /** A lease that is handed over, under a new request id; its value must show up nowhere. */
  async lease(
    caller: Caller,
    leasable: string,
    more: Partial<AccessAsks['lease']> = {},
  ): Promise<Extract<AccessAnswers['lease'], { readonly status: 'issued' }>> {
    const answer = await this.ask(caller, 'lease', { leasable, requestId: this.requestId(), ...more });
    if (answer.status !== 'issued') throw new Error(`not issued: ${answer.status}`);
    const { secret } = JSON.parse(answer.value) as { readonly secret: string };
    this.judge.forbid(secret);
    return answer;
  }

  /** What happens elsewhere when the broker has decided, and stands before its next commit to that family. Once. */
  hold(family: Family, meanwhile: () => Promise<unknown>): void {
    this.#meanwhile = { family, meanwhile };
  }

  requestId(): string {
    this.#requests += 1;
    return `request-${this.#requests}`;
  }

  /** Whether the target lets somebody in with a value that was handed over. */
  works({ value }: { readonly value: string }): boolean {
    return this.leaser.accepts(new Secret(value));
  }

  async row(lease: string): Promise<Lease | undefined> {
    return (await this.ledger.read('lease', lease, 'lease'))?.body;
  }

  /** One event for the sweeper. */
  sweep(event: Pick<SweepEvent, 'type' | 'detail'>): Promise<void> {
    const head = {
      id: token(9000 + (this.#requests += 1)),
      at: this.clock.now().toISOString(),
      environment: 'test',
    };
    return this.#sweep({ ...head, ...event } as SweepEvent);
  }

  round(): Promise<void> {
    return this.sweep({ type: 'leases.due', detail: {} });
  }

  /** Takes what was committed to whoever handles it, until nothing is left. */
  async settle(most = 1000): Promise<void> {
    for (let turn = 0; turn < most; turn += 1) {
      const pending = await this.ledger.pending(100);
      const events = [...this.#bus.splice(0), ...pending];
      if (events.length === 0) return;
      await this.ledger.markPublished(pending.map(({ id }) => id));
      for (const event of events) await this.#handle(event);
    }
    throw new Error(`events without an end: more than ${most} turns`);
  }

  /** Time passes: timers fire, every minute has its round, and everything that follows happens. */
  async pass(
    seconds: number,
    parts: { readonly timers?: boolean; readonly rounds?: boolean } = {},
  ): Promise<void> {
    const { timers = true, rounds = true } = parts;
    for (let left = seconds; left > 0; left -= 60) {
      await this.clock.advance(Math.min(60, left));
      if (timers) await this.timer.fireDue();
      if (rounds) await this.round();
      if (timers || rounds) await this.settle();
    }
  }

  async #handle(event: LockstepEvent): Promise<void> {
    if (event.type === 'page.requested') this.pages.push(event.detail.page);
    else if (handlersOf(event).includes('sweep-leases')) await this.#sweep(event as SweepEvent);
  }

  #held(ledger: Ledger): Ledger {
    return {
      ...ledger,
      commit: async (writes, events) => {
        const held = this.#meanwhile;
        if (held && writes.some(({ family }) => family === held.family)) {
          this.#meanwhile = undefined;
          await held.meanwhile();
        }
        return ledger.commit(writes, events);
      },
    };
  }

  #wireLeases(inventory: Inventory, mark: string): void {
    const vault = new MemoryVault({ judge: this.judge });
    for (const { name } of inventory.access?.leaseAuthorities ?? []) {
      const secret = secretName(inventory.environment, name);
      vault.createSecret(secret);
      void vault.putFirst(secret, token(1), MEMORY_AUTHORITY_VALUE);
    }
    const { metrics, leaser } = this;
    const service = { inventory, mark, kind: 'memory', leaser, vault, metrics };
    const functionName = 'lease-memory';
    this.leases.wire('memory', serveLease({ ...service, functionName, clock: this.clock.now }));
  }
}

/** The error that a call ends in. */
export async function refusalOf(
  call: Promise<unknown>,
): Promise<{ readonly code: string; readonly message: string; readonly retryAfterSeconds?: number }> {
  try {
    await call;
  } catch (error) {
    if (error instanceof Error && 'code' in error) return error as Error & { readonly code: string };
    throw error;
  }
  throw new Error('nothing was refused');
}
