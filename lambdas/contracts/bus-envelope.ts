import { credentialOf, type LockstepEvent } from '../core/events.ts';
import { anyRecord, fit, oneOf, optional, record, text } from './check.ts';
import { parseEvent } from './parse-event.ts';
import type { EventRoute } from './routes.ts';

/** The `source` of every event that Lockstep publishes. */
export const EVENT_SOURCE = 'lockstep';

/** The parts of an event on EventBridge that its sender chooses. */
export interface BusEntry {
  readonly source: string;
  readonly detailType: string;
  /** JSON. */
  readonly detail: string;
  readonly resources: readonly string[];
}

/**
 * An event as it goes onto the bus. The whole event is the detail: EventBridge gives every *delivery* an id
 * and a time of its own, and a replay new ones, so ours must lie inside.
 */
export function toBusEntry(event: LockstepEvent): BusEntry {
  const credential = credentialOf(event);
  return {
    source: EVENT_SOURCE,
    detailType: event.type,
    detail: JSON.stringify(event),
    resources: credential === undefined ? [] : [credential],
  };
}

/** An event as EventBridge delivers it, ours or another's. */
export interface BusDelivery {
  readonly id: string;
  readonly source: string;
  readonly detailType: string;
  readonly detail: Readonly<Record<string, unknown>>;
}

const delivery = record<{
  readonly id?: string;
  readonly source: string;
  readonly 'detail-type': string;
  readonly detail: Readonly<Record<string, unknown>>;
}>({ id: optional(text), source: text, 'detail-type': text, detail: anyRecord });

/** What EventBridge delivered. Throws `MALFORMED_EVENT`. */
export function parseBusDelivery(value: unknown): BusDelivery {
  const found = fit(delivery, value, 'MALFORMED_EVENT', 'a delivery of EventBridge');
  return {
    id: found.id ?? '',
    source: found.source,
    detailType: found['detail-type'],
    detail: found.detail,
  };
}

/** One of our own events out of its delivery. Throws `MALFORMED_EVENT` where it is not one of ours. */
export function eventOfDelivery(value: unknown): LockstepEvent {
  const { source, detail } = parseBusDelivery(value);
  fit(oneOf(EVENT_SOURCE), source, 'MALFORMED_EVENT', 'the source of a delivery');
  return parseEvent(detail);
}

/** What a rule has to match to feed a route: the EventBridge pattern of one row of the routes table. */
export function busPattern({ types, dependentKind }: EventRoute): {
  readonly source: readonly string[];
  readonly detailType: readonly string[];
  readonly detail?: { readonly detail: { readonly dependentKind: readonly string[] } };
} {
  const kind = dependentKind === undefined ? {} : { detail: { detail: { dependentKind: [dependentKind] } } };
  return { source: [EVENT_SOURCE], detailType: types, ...kind };
}
