import { randomUUID } from 'node:crypto';
import type { AccessConnection } from '../../client/access/access-connection.ts';
import { HeldLease } from '../../client/access/held-lease.ts';
import type { HolderPorts, LeaseOrder } from '../../client/access/lease-order.ts';
import { realPause } from '../../client/access/pause.ts';
import { LockstepError } from '../../lambdas/core/errors.ts';
import type { AttemptLog } from './attempt-log.ts';

/** The leases of a service: it asks the broker for them as itself, holds them alive, and gives them back at its end. */
export class HeldLeases {
  readonly #ports: HolderPorts;
  readonly #log: AttemptLog;
  readonly #held: HeldLease[] = [];

  constructor(access: AccessConnection, log: AttemptLog) {
    this.#log = log;
    this.#ports = {
      access,
      pause: realPause,
      newId: randomUUID,
      clock: () => new Date(),
      elapsed: () => performance.now(),
      tell: (news) => {
        if (news.what === 'refused' || news.what === 'unreachable') this.noteMissing(news.leasable);
        else if ('lease' in news && news.what !== 'not-given-back') log.uses(news.leasable, news.lease);
      },
    };
  }

  /** Asks for a lease, and holds it. Throws what the broker refuses with. */
  async of(order: LeaseOrder): Promise<HeldLease> {
    try {
      const held = await this.#take(order);
      this.#held.push(held);
      return held;
    } catch (error) {
      this.noteMissing(order.leasable);
      throw error;
    }
  }

  /** A lease could not be had: nothing was tried at its target. */
  noteMissing(leasable: string): void {
    this.#log.note({ what: 'read', key: leasable, outcome: 'failed', code: 'no lease' });
  }

  /** Gives all of them back. What the broker does not hear now, their end mends. */
  async release(): Promise<void> {
    await Promise.allSettled(this.#held.map((each) => each.release()));
  }

  async #take(order: LeaseOrder): Promise<HeldLease> {
    const taken = await HeldLease.take(order, this.#ports);
    if (taken instanceof HeldLease) return taken;
    throw new LockstepError(
      'NOT_YET',
      `a lease of ${order.leasable} waits for approval ${taken.approval}, and no program waits for people`,
    );
  }
}
