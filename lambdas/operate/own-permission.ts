import { GUARDED_ORDERS, type OrderName } from '../contracts/orders.ts';
import { LockstepError } from '../core/errors.ts';

/**
 * Orders that are permissions of their own come in by an alias of their own: IAM can allow a person to call
 * `operate` and not `operate:force`. Refuses an order that came in by another door.
 */
export function assertOwnPermission(order: OrderName, alias: string | undefined): void {
  const door = GUARDED_ORDERS.find((guarded) => guarded === order) ?? 'live';
  if (alias === door) return;
  throw new LockstepError(
    'NOT_BOUND',
    `the order ${order} is given at the address ${door} of this function, which needs a permission of its own`,
  );
}
