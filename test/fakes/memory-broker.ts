import type { AccessConnection, AccessReplies } from '../../client/access/access-connection.ts';
import {
  parseAsk,
  type AccessAnswers,
  type AccessAsk,
  type AccessAsks,
} from '../../lambdas/contracts/access-requests.ts';
import type { EgressRule } from '../../lambdas/core/access/access-inventory.ts';
import type { LeaseEnd, LeaseView } from '../../lambdas/core/access/lease.ts';
import { LockstepError, type ErrorCode } from '../../lambdas/core/errors.ts';
import { Secret } from '../../lambdas/core/secret.ts';
import {
  earliest,
  instant,
  reached,
  secondsAfter,
  type Clock,
  type Instant,
} from '../../lambdas/core/time.ts';
import { Judge } from './judge.ts';

/** Something that the broker leases. */
export interface FakeLeasable {
  readonly defaultSeconds: number;
  readonly maximumSeconds: number;
  readonly longestSeconds: number;
  readonly egress: readonly EgressRule[];
  /** The value of a lease, from its id. */
  readonly value: (lease: string) => Readonly<Record<string, unknown>>;
  /** How many people have to approve each lease. */
  readonly approvals?: number;
  readonly purposes: readonly string[];
}

interface Stored {
  view: LeaseView;
  readonly caller: string;
}

interface Request {
  readonly digest: string;
  lease?: string;
  approval?: string;
  decided?: 'approved' | 'denied';
  /** Until when it can be approved: the same in every answer. */
  until?: Instant;
}

const refuse = (code: ErrorCode, message: string): never => {
  throw new LockstepError(code, message);
};

/**
 * A broker in memory, as strict as the contract: a request id means one request, a value is handed over once, nobody
 * touches the lease of another, and no lease is longer than it may be. It judges what a well-behaved client never asks.
 */
export class MemoryBroker {
  readonly judge: Judge;
  readonly asked: (AccessAsk & { readonly caller: string })[] = [];
  readonly #clock: Clock;
  readonly #leasables: ReadonlyMap<string, FakeLeasable>;
  readonly #leases = new Map<string, Stored>();
  readonly #requests = new Map<string, Request>();
  #issued = 0;
  #faults: ('away' | 'lose-answer' | LockstepError)[] = [];

  constructor(clock: Clock, leasables: Readonly<Record<string, FakeLeasable>>, judge: Judge = new Judge()) {
    this.#clock = clock;
    this.#leasables = new Map(Object.entries(leasables));
    this.judge = judge;
  }

  /** The broker as one caller sees it. */
  connect(caller: string): AccessConnection {
    return {
      ask: async (ask, asks) => this.answer(caller, { ask, ...asks }) as Promise<AccessReplies[typeof ask]>,
    };
  }

  /** What happens to the next asks, one each. */
  next(...faults: readonly ('away' | 'lose-answer' | LockstepError)[]): void {
    this.#faults.push(...faults);
  }

  /** What was to happen to further asks does not. */
  isBack(): void {
    this.#faults = [];
  }

  /** Answers one ask, of whoever proved to be the caller. */
  async answer(caller: string, asked: unknown): Promise<AccessReplies[AccessAsk['ask']]> {
    this.judge.inspect('an ask', asked);
    const ask = parseAsk(asked);
    this.asked.push({ ...ask, caller });
    const fault = this.#faults.shift();
    if (fault === 'away') return refuse('NOTHING_REACHABLE', 'the broker is away');
    if (fault instanceof LockstepError) throw fault;
    const answer = this.#answer(caller, ask);
    if (fault === 'lose-answer') return refuse('NOTHING_REACHABLE', 'the answer was lost');
    return answer;
  }

  /** Whether a lease of that id works at its target now. */
  isLive(lease: string): boolean {
    const view = this.#leases.get(lease)?.view;
    return view?.phase === 'live' && !reached(view.expiresAt, this.#clock());
  }

  /** Every lease that works now. */
  live(): readonly LeaseView[] {
    return [...this.#leases.values()].map(({ view }) => view).filter(({ id }) => this.isLive(id));
  }

  /** Ends a lease from outside. */
  revoke(lease: string): void {
    this.#end(lease, 'revoked', 'operator');
  }

  /** Decides about a request that waits. */
  decide(approval: string, decided: 'approved' | 'denied'): void {
    const request = [...this.#requests.values()].find((each) => each.approval === approval);
    if (!request) throw new TypeError('nothing waits under that id');
    request.decided = decided;
  }

  #answer(caller: string, ask: AccessAsk): AccessReplies[AccessAsk['ask']] {
    switch (ask.ask) {
      case 'lease':
        return this.#lease(caller, ask);
      case 'renew':
        return { lease: this.#renew(caller, ask) };
      case 'release':
        this.#own(caller, ask.lease);
        return { lease: this.#end(ask.lease, 'released', caller) };
      case 'leases':
        return {
          leases: [...this.#leases.values()]
            .filter((each) => each.caller === caller)
            .map(({ view }) => this.#seen(view)),
        };
      case 'whoami':
        return this.#whoami(caller);
      default:
        return refuse('NOT_SUPPORTED', `this broker does not answer ${ask.ask}`);
    }
  }

  #whoami(caller: string): AccessAnswers['whoami'] {
    const leasables = [...this.#leasables];
    const purposes = new Set(leasables.flatMap(([, each]) => each.purposes));
    return {
      caller,
      purposes: [...purposes],
      leasables: leasables.map(([name]) => name),
      throughProxy: leasables.filter(([, { egress }]) => egress.length > 0).map(([name]) => name),
    };
  }

  #lease(caller: string, asks: AccessAsks['lease']): AccessReplies['lease'] {
    const { requestId, approval, ...bound } = asks;
    const leasable = this.#leasables.get(asks.leasable);
    if (!leasable) return refuse('UNKNOWN_LEASABLE', `${asks.leasable} is nothing that can be leased`);
    const purpose = asks.purpose ?? leasable.purposes[0] ?? '';
    if (!leasable.purposes.includes(purpose))
      return refuse('PURPOSE_REFUSED', `${purpose} is no purpose of ${asks.leasable}`);
    const ttl = asks.ttlSeconds ?? leasable.defaultSeconds;
    if (ttl > leasable.maximumSeconds)
      return refuse('TTL_REFUSED', `${ttl} s, and at most ${leasable.maximumSeconds} s`);
    if (asks.through === 'proxy' && leasable.egress.length === 0)
      return refuse(
        'COMMAND_INVALID',
        `the inventory names no place where ${asks.leasable} may be used through the proxy`,
      );
    const digest = JSON.stringify(bound);
    const known = this.#requests.get(`${caller} ${requestId}`);
    this.judge.demand(known === undefined || known.digest === digest, 'one request id for two requests');
    if (known?.lease !== undefined)
      return refuse('ALREADY_HANDED_OVER', `the value of request ${requestId} was handed over`);
    const request: Request = known ?? { digest };
    this.#requests.set(`${caller} ${requestId}`, request);
    if (leasable.approvals !== undefined && asks.breakGlass === undefined) {
      const waits = this.#approval(request, approval);
      if (waits) return waits;
    }
    return this.#issue(caller, request, { leasable, name: asks.leasable, purpose, ttl, requestId });
  }

  #approval(request: Request, given: string | undefined): AccessReplies['lease'] | undefined {
    if (request.approval !== undefined && given !== request.approval)
      return refuse('APPROVAL_REFUSED', 'that is no approval of this request');
    if (request.decided === 'denied') return refuse('APPROVAL_REFUSED', 'the request was denied');
    if (request.decided === 'approved') return undefined;
    request.approval ??= `approval-${this.#requests.size}`;
    request.until ??= secondsAfter(instant(this.#clock()), 600);
    return { status: 'approval-needed', approval: request.approval, expiresAt: request.until };
  }

  #issue(
    caller: string,
    request: Request,
    wanted: {
      readonly leasable: FakeLeasable;
      readonly name: string;
      readonly purpose: string;
      readonly ttl: number;
      readonly requestId: string;
    },
  ): AccessReplies['lease'] {
    this.#issued += 1;
    const id = `lease${String(this.#issued).padStart(21, '0')}`;
    const now = instant(this.#clock());
    const { leasable, name, purpose, ttl } = wanted;
    const view: LeaseView = {
      id,
      leasable: name,
      kind: 'fake',
      phase: 'live',
      holder: caller,
      purpose,
      issuedAt: now,
      expiresAt: secondsAfter(now, ttl),
      longestUntil: secondsAfter(now, leasable.longestSeconds),
      renewals: 0,
      failedEnds: 0,
    };
    request.lease = id;
    this.#leases.set(id, { view, caller });
    const value = new Secret(JSON.stringify(leasable.value(id)));
    return { status: 'issued', lease: view, value, egress: leasable.egress };
  }

  #renew(caller: string, asks: AccessAsks['renew']): LeaseView {
    const stored = this.#own(caller, asks.lease);
    const { view } = stored;
    if (!this.isLive(view.id)) return refuse('LEASE_OVER', `the lease ${view.id} is over`);
    const leasable = this.#leasables.get(view.leasable);
    const ttl = asks.ttlSeconds ?? leasable?.defaultSeconds ?? 0;
    const until = earliest(secondsAfter(instant(this.#clock()), ttl), view.longestUntil);
    stored.view = { ...view, expiresAt: until, renewals: view.renewals + 1 };
    return stored.view;
  }

  #own(caller: string, lease: string): Stored {
    const stored = this.#leases.get(lease);
    if (!stored) return refuse('UNKNOWN_LEASE', 'there is no such lease');
    this.judge.demand(stored.caller === caller, `${caller} asked about the lease of another`);
    return stored;
  }

  #end(lease: string, why: LeaseEnd, by: string): LeaseView {
    const stored = this.#leases.get(lease);
    if (!stored) return refuse('UNKNOWN_LEASE', 'there is no such lease');
    if (stored.view.phase === 'live')
      stored.view = { ...stored.view, phase: 'ended', end: { why, by, at: instant(this.#clock()) } };
    return stored.view;
  }

  #seen(view: LeaseView): LeaseView {
    if (view.phase !== 'live' || this.isLive(view.id)) return view;
    return { ...view, phase: 'ended', end: { why: 'expired', by: 'clock', at: view.expiresAt } };
  }
}
