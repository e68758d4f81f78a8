import type { EventDetails, EventOf, EventType, LockstepEvent } from './events.ts';
import type { NewId } from './ports/ids.ts';
import { instant, type Clock } from './time.ts';

/** What it takes to make an event. */
export interface EventSource {
  readonly environment: string;
  readonly clock: Clock;
  readonly newId: NewId;
}

/** An event that has just happened. */
export function makeEvent<T extends EventType>(
  source: EventSource,
  type: T,
  detail: EventDetails[T],
): EventOf<T> {
  const event = {
    id: source.newId(),
    type,
    at: instant(source.clock()),
    environment: source.environment,
    detail,
  };
  // The compiler cannot follow that type and detail belong together; the signature has made sure of it.
  return event as LockstepEvent as EventOf<T>;
}
