import { instant } from '../core/time.ts';
import { eventNow, type OperatePorts, type Operator, type OrderAnswer } from './operate-ports.ts';

/** Sends a page the long way round: through the bus, its rule, its queue and its function, as a real one goes. */
export async function testPager(ports: OperatePorts, operator: Operator): Promise<OrderAnswer> {
  const at = instant(ports.clock());
  const page = {
    id: `test-${ports.newId()}`,
    severity: 'test' as const,
    title: 'Lockstep test page',
    subject: ports.inventory.environment,
    reasons: [`${operator.name} asked for it. Nothing is wrong: the way to on-call works.`],
    firstCommand: 'lockstep status',
    at,
  };
  await ports.bus.publish([eventNow(ports, 'page.requested', { page })]);
  return { said: `test page ${page.id} is on its way`, facts: { page: page.id } };
}
