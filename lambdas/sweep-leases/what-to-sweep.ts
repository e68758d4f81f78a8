import { eventOfDelivery, parseBusDelivery } from '../contracts/bus-envelope.ts';
import { parseJson } from '../contracts/check.ts';
import { LockstepError } from '../core/errors.ts';
import type { SweepEvent } from './sweep-leases.ts';

/**
 * What one message asks the sweeper to do: events of ours say it themselves, and the clock's, which a rule of AWS's own bus
 * sends every minute without a word of ours, is a round. Throws `MALFORMED_EVENT`.
 */
export function whatToSweep(body: string): SweepEvent {
  const message = parseJson(body, 'MALFORMED_EVENT', 'the body of a message');
  if (parseBusDelivery(message).source === 'aws.events') return { type: 'leases.due', detail: {} };
  const event = eventOfDelivery(message);
  switch (event.type) {
    case 'lease.due':
    case 'leases.due':
    case 'credential.breached':
      return event;
    default:
      throw new LockstepError(
        'MALFORMED_EVENT',
        `sweep-leases was sent ${event.type}; look at the rules of the bus`,
      );
  }
}
