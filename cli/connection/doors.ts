import { ACCESS_ALIASES } from '../../lambdas/contracts/access-wire.ts';
import { GUARDED_ORDERS, type OrderName } from '../../lambdas/contracts/orders.ts';
import type { Stage } from '../workspace/find-stage.ts';

/** A way into a function: its URL, and what a person needs to go through it. */
export interface Door {
  readonly name: 'report' | 'operate' | 'grant-lease';
  /** An alias with a URL and a permission of its own. `report` has none. */
  readonly alias?: string;
  /** The policy of ours that opens it. */
  readonly policy: string;
}

/** The door of `report`. */
export const reportDoor = ({ environment }: Stage): Door => ({
  name: 'report',
  policy: `lockstep-${environment}-reporter`,
});

/** The door of the broker for whoever signs. */
export const brokerDoor = ({ environment }: Stage): Door => ({
  name: 'grant-lease',
  alias: ACCESS_ALIASES.signed,
  policy: `lockstep-${environment}-asker`,
});

/** The door that an order goes through: guarded ones have their own, all others share one. */
export function orderDoor({ environment }: Stage, order: OrderName): Door {
  const own = GUARDED_ORDERS.find((guarded) => guarded === order);
  return {
    name: 'operate',
    alias: own ?? 'live',
    policy: `lockstep-${environment}-operator${own === undefined ? '' : `-${own}`}`,
  };
}
