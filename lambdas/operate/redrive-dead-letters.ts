import type { Orders } from '../contracts/orders.ts';
import { auditFact } from '../core/audit/audited-effect.ts';
import { findCredential } from '../core/find-credential.ts';
import { orderSubject, type OperatePorts, type Operator, type OrderAnswer } from './operate-ports.ts';

/** Delivers again what was given up. */
export async function redriveDeadLetters(
  ports: OperatePorts,
  operator: Operator,
  order: Orders['redrive'],
): Promise<OrderAnswer> {
  // A mistyped name must not begin a chain of its own in the audit, nor look like "nothing to drive".
  if (order.credential !== undefined) findCredential(ports.inventory, order.credential);
  const about = order.credential === undefined ? 'operations' : order.credential;
  await auditFact(
    ports,
    orderSubject(ports, operator, 'redrive', { credential: about, reason: order.reason }),
    'decision',
  );
  const redriven = await ports.deadLetters.redrive(order.credential);
  return { said: `${redriven} dead letter(s) are being delivered again`, facts: { redriven } };
}
