import type { EgressRule } from '../../lambdas/core/access/access-inventory.ts';
import type { LeaseView } from '../../lambdas/core/access/lease.ts';
import { describeError, isLockstepError, LockstepError } from '../../lambdas/core/errors.ts';
import { mark, type Mark } from './broker-time.ts';
import { giveLeaseBack, lacksToken } from './give-lease-back.ts';
import { askForLease, type HolderPorts, type LeaseOrder, type WaitingRequest } from './lease-order.ts';
import { OneLease } from './one-lease.ts';

/** What whoever uses a lease is given, for as long as the use takes. */
export type LeaseInUse = Pick<OneLease, 'id' | 'value' | 'egress' | 'derivedKeys'>;

const RETRY_MS = { first: 1_000, longest: 30_000 };
/** How often a request that waits for people is asked again. */
const APPROVAL_SECONDS = 5;
/** A target that refuses whatever it is shown does not get us a lease for each refusal. */
const REFUSAL_PAUSE_MS = 30_000;
/** Uses of a lease that is gone do not ask the broker more often than this. */
const ASK_AGAIN_MS = 10_000;
/** Whoever gives a lease back on the way out waits for nothing. */
const ON_THE_WAY_OUT = AbortSignal.abort();

/**
 * How long a lease is held. `for-uses`: for as long as somebody uses it through us, by another one in the end. `as-it-is`:
 * its value was handed over, so that another one would serve nobody, nor be worth the approval that it might need.
 */
export type Holding = 'for-uses' | 'as-it-is';

/**
 * A lease that is held alive: renewed in time, and succeeded by another where it cannot be renewed any more. When it is
 * over and there is no other, every use is refused: nothing is kept to be used in place of what is gone.
 *
 * Once the broker has refused, it is asked again only when somebody wants to use the lease.
 */
export class HeldLease {
  readonly leasable: string;
  readonly #order: LeaseOrder;
  readonly #ports: HolderPorts;
  readonly #holding: Holding;
  readonly #stop = new AbortController();
  #held: OneLease;
  #waiting: WaitingRequest | undefined;
  #taking: Promise<OneLease> | undefined;
  #asked: Mark;
  #succeededRefused: number | undefined;
  /** The last ask had no token. What is given back then leaves the next one to what is held. */
  #needsToken = false;

  private constructor(order: LeaseOrder, ports: HolderPorts, held: OneLease, holding: Holding) {
    // How the first one was let through is no reason for the next: that needs an approval, or a broken glass, of its own.
    const { approval: _used, breakGlass: _broken, ...again } = order;
    this.leasable = order.leasable;
    this.#order = again;
    this.#ports = ports;
    this.#held = held;
    this.#holding = holding;
    this.#asked = mark(ports);
    void this.#keep(held);
  }

  /**
   * Asks for a lease and holds it, or answers what the request waits for; with `waiting`, asks again for the one that
   * waits. Throws what the broker refuses with.
   */
  static async take(
    order: LeaseOrder,
    ports: HolderPorts,
    waiting?: WaitingRequest,
    holding: Holding = 'for-uses',
  ): Promise<HeldLease | WaitingRequest> {
    const sent = mark(ports);
    const asked = await askForLease(ports, order, waiting);
    if (asked.status === 'waiting') return asked.waiting;
    const held = new OneLease(asked.issued, ports, sent);
    ports.tell({ what: 'issued', leasable: order.leasable, lease: held.id });
    return new HeldLease(order, ports, held, holding);
  }

  /** How the present lease stands, by what the broker said last. */
  get view(): LeaseView {
    return this.#held.view;
  }

  /** Where the present lease may be used. */
  get egress(): readonly EgressRule[] {
    return this.#held.egress;
  }

  get isOver(): boolean {
    return this.#stop.signal.aborted || this.#held.isOver;
  }

  /** Works with the lease. Throws `LEASE_OVER` where it is gone and there is no other. */
  async use<T>(work: (lease: LeaseInUse) => Promise<T>): Promise<T> {
    const held = this.isOver ? await this.#takeForUse() : this.#held;
    held.users += 1;
    try {
      return await work(held);
    } finally {
      held.users -= 1;
      this.#letGo(held);
    }
  }

  /**
   * The target refused a lease: whether there is another one to be used by now. One in half a minute is asked for
   * because of that, and no more.
   */
  async succeedRefused(lease: string): Promise<boolean> {
    if (this.#stop.signal.aborted) return false;
    if (this.#held.id !== lease) return !this.isOver;
    try {
      // All who were refused at the same moment wait for the same one.
      if (!this.#taking && !this.#maySucceedRefused()) return false;
      await this.#succeed();
      return true;
    } catch (error) {
      this.#tellFailure(error);
      return false;
    }
  }

  /**
   * Gives the lease back; uses that begin later are refused. Where it is not given back that is told, and when it ends by
   * itself. For want of a token it is tried again, behind whoever called, until then or until `leaving` aborts.
   */
  async release(leaving: AbortSignal = ON_THE_WAY_OUT): Promise<void> {
    if (this.#stop.signal.aborted) return;
    this.#stop.abort();
    await this.#taking?.catch(() => undefined);
    this.#needsToken = false;
    if (!this.#held.isOver) await this.#giveBack(this.#held, leaving);
  }

  #maySucceedRefused(): boolean {
    const now = this.#ports.elapsed();
    const last = this.#succeededRefused;
    if (last !== undefined && now - last < REFUSAL_PAUSE_MS) return false;
    this.#succeededRefused = now;
    return true;
  }

  async #takeForUse(): Promise<OneLease> {
    const isTooSoon = this.#ports.elapsed() - this.#asked.elapsed < ASK_AGAIN_MS;
    if (this.#stop.signal.aborted || (!this.#taking && isTooSoon)) throw this.#gone();
    try {
      return await this.#succeed();
    } catch (error) {
      this.#tellFailure(error);
      throw this.#gone(error);
    }
  }

  /** Keeps one lease alive until it has a successor, or the broker refuses. */
  async #keep(held: OneLease): Promise<void> {
    const { signal } = this.#stop;
    let failures = 0;
    let waitMs = held.dueInMs;
    while (!held.isSucceeded) {
      await this.#ports.pause(waitMs, signal);
      if (signal.aborted || held.isSucceeded) return;
      try {
        // A long timer ends early, and time may have been set.
        if (failures > 0 || held.dueInMs === 0) await this.#extend(held);
        failures = 0;
        this.#needsToken = false;
        waitMs = held.dueInMs;
      } catch (error) {
        this.#tellFailure(error);
        if (!passes(error)) return;
        failures += 1;
        waitMs = waitAfter(error, failures);
      }
    }
  }

  async #extend(held: OneLease): Promise<void> {
    // What is over is renewed by nobody: a token that was waited for is not spent on asking.
    if (held.isOver || !held.canBeRenewed || !(await this.#renew(held))) await this.#succeed();
  }

  /** Whether it has more time now. */
  async #renew(held: OneLease): Promise<boolean> {
    const { ttlSeconds } = this.#order;
    const asks = { lease: held.id, ...(ttlSeconds === undefined ? {} : { ttlSeconds }) };
    try {
      const { lease } = await this.#ports.access.ask('renew', asks);
      if (!held.extend(lease)) return false;
      const { leasable } = this;
      this.#ports.tell({ what: 'renewed', leasable, lease: held.id, until: lease.expiresAt });
      return true;
    } catch (error) {
      if (passes(error)) throw error;
      // It has ended there, or may be held no longer. Whether there is another one is a question of its own.
      held.cannotBeRenewed();
      return false;
    }
  }

  /** Another lease in place of the present one. Asked for once at a time. */
  #succeed(): Promise<OneLease> {
    if (this.#holding === 'as-it-is') return Promise.reject(this.#endsAsItIs());
    this.#taking ??= this.#takeNext().finally(() => (this.#taking = undefined));
    return this.#taking;
  }

  async #takeNext(): Promise<OneLease> {
    const sent = mark(this.#ports);
    this.#asked = sent;
    const asked = await askForLease(this.#ports, this.#order, this.#waiting).catch((error: unknown) => {
      // A request that was denied, or waited too long, is over; the next one is another.
      if (!passes(error)) this.#waiting = undefined;
      throw error;
    });
    const waitedFor = this.#waiting?.approval;
    this.#waiting = asked.status === 'waiting' ? asked.waiting : undefined;
    if (asked.status === 'waiting') throw this.#waits(asked.waiting, waitedFor);
    const next = new OneLease(asked.issued, this.#ports, sent);
    const before = this.#held;
    this.#held = next;
    this.#needsToken = false;
    before.isSucceeded = true;
    this.#letGo(before);
    this.#ports.tell({ what: 'succeeded', leasable: this.leasable, lease: next.id });
    void this.#keep(next);
    return next;
  }

  /** Gives back a lease that has a successor, once its last use has ended. */
  #letGo(lease: OneLease): void {
    if (!lease.isSucceeded || lease.users > 0 || lease.isOver) return;
    void this.#giveBack(lease, this.#stop.signal);
  }

  #giveBack(lease: OneLease, leaving: AbortSignal): Promise<void> {
    return giveLeaseBack(lease, this.#ports, { leaving, isTokenWanted: () => this.#needsToken });
  }

  /** Told once, however often it is asked for. */
  #waits({ approval, expiresAt }: WaitingRequest, waitedFor: string | undefined): LockstepError {
    if (approval !== waitedFor)
      this.#ports.tell({ what: 'waiting', leasable: this.leasable, approval, until: expiresAt });
    return new LockstepError(
      'NOT_YET',
      `another lease of ${this.leasable} waits for approval ${approval}; it can be approved until ${expiresAt}`,
      { retryAfterSeconds: APPROVAL_SECONDS },
    );
  }

  #tellFailure(error: unknown): void {
    if (isLockstepError(error, 'NOT_YET')) return;
    const { code, message } = describeError(error);
    const { leasable } = this;
    const why = `${message} (${code})`;
    if (!lacksToken(error)) {
      this.#ports.tell({ what: passes(error) ? 'unreachable' : 'refused', leasable, why });
      return;
    }
    // Once, however often it is looked for one.
    if (!this.#needsToken)
      this.#ports.tell({ what: 'needs-token', leasable, why, until: this.view.expiresAt });
    this.#needsToken = true;
  }

  #endsAsItIs(): LockstepError {
    const { id, expiresAt } = this.#held.view;
    return new LockstepError(
      'LEASE_OVER',
      `lease ${id} has no more time than until ${expiresAt}, and its value was handed over: no other is asked for`,
    );
  }

  #gone(cause?: unknown): LockstepError {
    const why = this.#stop.signal.aborted
      ? 'it was given back'
      : cause === undefined
        ? 'the broker gave no other a moment ago'
        : `the broker gave no other (${describeError(cause).code})`;
    return new LockstepError(
      'LEASE_OVER',
      `the lease ${this.#held.id} of ${this.leasable} is over, and ${why}; nothing is done with it any more`,
      { cause },
    );
  }
}

/** Whether the same call may work later with nothing changed. */
const passes = (error: unknown): boolean =>
  isLockstepError(error) &&
  (error.remedy === 'retry' || error.code === 'NOTHING_REACHABLE' || error.code === 'NO_TOKEN');

function waitAfter(error: unknown, failures: number): number {
  if (isLockstepError(error) && error.retryAfterSeconds !== undefined)
    return Math.max(RETRY_MS.first, error.retryAfterSeconds * 1000);
  return Math.min(RETRY_MS.longest, RETRY_MS.first * 2 ** (failures - 1));
}
