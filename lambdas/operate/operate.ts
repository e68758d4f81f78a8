import type { Order } from '../contracts/orders.ts';
import { LockstepError } from '../core/errors.ts';
import { adoptCredential } from './adopt-credential.ts';
import { answerBreach } from './answer-breach.ts';
import { forceAdoption } from './force-adoption.ts';
import { holdCredential, releaseCredential } from './hold-credential.ts';
import type { OperatePorts, Operator, OrderAnswer } from './operate-ports.ts';
import { redriveDeadLetters } from './redrive-dead-letters.ts';
import { rollBack } from './roll-back.ts';
import { rotateNow } from './rotate-now.ts';
import { testPager } from './test-pager.ts';

/** Carries out an operator's order. A reason is not optional: it is what the next person reads in the audit. */
export async function operate(ports: OperatePorts, operator: Operator, order: Order): Promise<OrderAnswer> {
  if ('reason' in order && order.reason.trim() === '') {
    throw new LockstepError('MALFORMED_REQUEST', `the order ${order.order} needs a reason; add --reason '…'`);
  }
  switch (order.order) {
    case 'adopt':
      return adoptCredential(ports, operator, order);
    case 'rotate':
      return rotateNow(ports, operator, order);
    case 'hold':
      return holdCredential(ports, operator, order);
    case 'release':
      return releaseCredential(ports, operator, order);
    case 'force':
      return forceAdoption(ports, operator, order);
    case 'roll-back':
      return rollBack(ports, operator, order);
    case 'redrive':
      return redriveDeadLetters(ports, operator, order);
    case 'revoke-breach':
      return answerBreach(ports, operator, order);
    case 'page-test':
      return testPager(ports, operator);
  }
}
