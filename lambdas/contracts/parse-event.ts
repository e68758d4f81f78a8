import type { Cause, Change, EventDetails, EventType, LockstepEvent } from '../core/events.ts';
import type { Page } from '../core/ports/pager.ts';
import { fit, instant, listOf, oneOf, optional, record, text, type Check } from './check.ts';

const cause: Check<Cause> = oneOf('cadence', 'operator', 'deploy', 'leak', 'breach', 'backstop');
const change: Check<Change> = oneOf('promoted', 'unadopted', 'rolled-back', 'disabled');

const page = record<Page>({
  id: text,
  severity: oneOf('critical', 'high', 'medium', 'test'),
  title: text,
  subject: text,
  reasons: listOf(text),
  firstCommand: text,
  at: instant,
});

/** What each type of event must carry. */
const DETAILS: { readonly [T in EventType]: Check<EventDetails[T]> } = {
  'rotation.due': record({ credential: text, cause, requestId: text }),
  'rotation.requested': record({ credential: text, rotation: text }),
  'rotation.advanced': record({ credential: text, rotation: text }),
  'credential.changed': record<EventDetails['credential.changed']>({
    credential: text,
    kind: text,
    rotation: text,
    change,
    version: text,
    replaces: optional(text),
    dependent: text,
    dependentKind: text,
    expectation: optional(record<{ readonly id: string; readonly nonce: string }>({ id: text, nonce: text })),
  }),
  'dependent.acknowledged': record({ credential: text, rotation: text, dependent: text }),
  'lease.due': record({ lease: text }),
  'leases.due': record<EventDetails['leases.due']>({ target: optional(text) }),
  'credential.breached': record({ credential: text, by: text, reason: text }),
  'page.requested': record({ page }),
  'reconcile.due': record<EventDetails['reconcile.due']>({ credential: optional(text) }),
  'seal.due': record({}),
  'pulse.due': record({}),
};

const head = record<Pick<LockstepEvent, 'id' | 'type' | 'at' | 'environment'>>({
  id: text,
  type: oneOf<EventType>(...(Object.keys(DETAILS) as EventType[])),
  at: instant,
  environment: text,
});

/**
 * An event that came from outside this process: from a queue, a stream, a dead letter.
 *
 * Fields that the type does not declare are left behind, so a newer sender may add some. Throws
 * `MALFORMED_EVENT`, which never quotes what was sent.
 */
export function parseEvent(value: unknown): LockstepEvent {
  const known = fit(head, value, 'MALFORMED_EVENT', 'an event');
  const check: Check<EventDetails[EventType]> = DETAILS[known.type];
  const { detail } = fit(
    record<{ readonly detail: EventDetails[EventType] }>({ detail: check }),
    value,
    'MALFORMED_EVENT',
    `an event ${known.type}`,
  );
  // The compiler cannot follow that type and detail belong together; the table has made sure of it.
  return { ...known, detail } as LockstepEvent;
}
