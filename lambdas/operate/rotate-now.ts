import type { Orders } from '../contracts/orders.ts';
import { LockstepError } from '../core/errors.ts';
import { admitRotation } from '../request-rotation/admit-rotation.ts';
import type { OperatePorts, Operator, OrderAnswer } from './operate-ports.ts';

/** Asks for a rotation now. It passes the same gate as a cadence; a refusal is the answer. */
export async function rotateNow(
  ports: OperatePorts,
  operator: Operator,
  order: Orders['rotate'],
): Promise<OrderAnswer> {
  const { credential, reason } = order;
  const wish = {
    credential,
    reason,
    cause: 'operator' as const,
    requestedBy: operator.name,
    requestId: ports.newId(),
  };
  const answer = await admitRotation(ports, wish);
  if (!answer.admitted) throw new LockstepError(answer.code, answer.message);
  const { token } = answer.rotation;
  return {
    said: `rotation ${token} of ${credential} was admitted and is being started`,
    facts: { credential, rotation: token },
  };
}
