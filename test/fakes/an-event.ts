import type { EventDetails, EventOf, EventType } from '../../lambdas/core/events.ts';
import { secondsAfter } from '../../lambdas/core/time.ts';

/** The n-th event of a test: its id is `event-<n>`, and it happened n seconds after the year began. */
export function anEvent<T extends EventType>(number: number, type: T, detail: EventDetails[T]): EventOf<T> {
  const at = secondsAfter('2026-01-01T00:00:00.000Z', number);
  const event = { id: `event-${number}`, type, at, environment: 'test', detail };
  // Type and detail belong together by the signature.
  return event as unknown as EventOf<T>;
}

/** "Decide again about rotation r of credential c": an event that only has to be some event. */
export const anAdvance = (number: number, credential = 'vector-store'): EventOf<'rotation.advanced'> =>
  anEvent(number, 'rotation.advanced', { credential, rotation: `rotation-of-${credential}` });
