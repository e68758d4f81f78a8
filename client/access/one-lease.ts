import type { EgressRule } from '../../lambdas/core/access/access-inventory.ts';
import type { LeaseView } from '../../lambdas/core/access/lease.ts';
import type { Secret } from '../../lambdas/core/secret.ts';
import type { IssuedLease } from './access-connection.ts';
import { BrokerTime, type Clocks, type Mark } from './broker-time.ts';

/** It is renewed when so much of its time is left. The rest is for a broker that is away for a while. */
const EXTENDED_WHEN_LEFT = 1 / 3;

/** One lease, from when it was handed over until it is over, by the clock of the broker. */
export class OneLease {
  readonly id: string;
  readonly value: Secret;
  readonly egress: readonly EgressRule[];
  /** Uses that have not ended. */
  users = 0;
  /** Another one is used in its place. */
  isSucceeded = false;
  /** Apart from what is printed of an object: keys that were derived from the value are as secret as it is. */
  readonly #derivedKeys = new Map<string, Buffer>();
  readonly #time: BrokerTime;
  #view: LeaseView;
  #lifeMs: number;
  #isFinal = false;

  constructor({ lease, value, egress }: IssuedLease, clocks: Clocks, sent: Mark) {
    this.id = lease.id;
    this.value = value;
    this.egress = egress;
    this.#view = lease;
    this.#time = new BrokerTime(clocks, sent, lease.issuedAt);
    this.#lifeMs = this.leftMs;
  }

  /** Keys that follow from the value, so that not every request derives them anew. They end with the lease. */
  get derivedKeys(): Map<string, Buffer> {
    return this.#derivedKeys;
  }

  /** How it stands, by what the broker said last. */
  get view(): LeaseView {
    return this.#view;
  }

  get leftMs(): number {
    return this.#time.until(this.#view.expiresAt);
  }

  get isOver(): boolean {
    return this.leftMs <= 0;
  }

  /** Milliseconds until it should be renewed or succeeded. */
  get dueInMs(): number {
    return Math.max(0, this.leftMs - this.#lifeMs * EXTENDED_WHEN_LEFT);
  }

  get canBeRenewed(): boolean {
    return !this.#isFinal && Date.parse(this.#view.expiresAt) < Date.parse(this.#view.longestUntil);
  }

  /** Takes in what a renewal was answered with: whether it gave more time. */
  extend(view: LeaseView): boolean {
    this.#isFinal = Date.parse(view.expiresAt) <= Date.parse(this.#view.expiresAt);
    this.#view = view;
    this.#lifeMs = this.leftMs;
    return !this.#isFinal;
  }

  /** The broker renews it no more. */
  cannotBeRenewed(): void {
    this.#isFinal = true;
  }
}
