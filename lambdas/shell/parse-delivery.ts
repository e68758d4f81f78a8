import { eventOfDelivery, parseBusDelivery, type BusDelivery } from '../contracts/bus-envelope.ts';
import { parseJson } from '../contracts/check.ts';
import { LockstepError } from '../core/errors.ts';
import type { EventOf, EventType } from '../core/events.ts';

/** Larger than anything that we or AWS put into a queue of ours. */
const MAX_BODY = 256 * 1024;

/**
 * One of our events, of a type that this function handles, out of the body of a queue's message. Everything
 * else is `MALFORMED_EVENT`: a rule that sends what nobody asked for is counted, and never guessed at.
 */
export function parseDelivery<T extends EventType>(body: string, ...types: readonly T[]): EventOf<T> {
  const event = eventOfDelivery(parseBody(body));
  const isWanted = (each: typeof event): each is EventOf<T> => types.some((type) => type === each.type);
  if (isWanted(event)) return event;
  throw new LockstepError(
    'MALFORMED_EVENT',
    `a delivery of ${event.type} came to a function that handles ${types.join(', ')}; look at the rules of the bus`,
  );
}

/** An event of AWS's out of the body of a queue's message, with its detail as it came. */
export const parseForeignDelivery = (body: string): BusDelivery => parseBusDelivery(parseBody(body));

function parseBody(body: string): unknown {
  if (body.length > MAX_BODY)
    throw new LockstepError(
      'MALFORMED_EVENT',
      `a message of ${body.length} characters, at most ${MAX_BODY} are read`,
    );
  return parseJson(body, 'MALFORMED_EVENT', 'the body of a message');
}
