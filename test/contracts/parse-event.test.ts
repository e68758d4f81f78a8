import { describe, expect, it } from 'vitest';
import {
  busPattern,
  eventOfDelivery,
  parseBusDelivery,
  toBusEntry,
} from '../../lambdas/contracts/bus-envelope.ts';
import { parseEvent } from '../../lambdas/contracts/parse-event.ts';
import { ACCESS_EVENT_ROUTES, EVENT_ROUTES, handlersOf } from '../../lambdas/contracts/routes.ts';
import type { EventDetails, EventType, LockstepEvent } from '../../lambdas/core/events.ts';

const at = '2026-11-24T09:00:00.000Z';
const SAMPLES: { readonly [T in EventType]: readonly EventDetails[T][] } = {
  'rotation.due': [{ credential: 'c', cause: 'cadence', requestId: 'q' }],
  'rotation.requested': [{ credential: 'c', rotation: 'r' }],
  'rotation.advanced': [{ credential: 'c', rotation: 'r' }],
  'credential.changed': [
    {
      credential: 'c',
      kind: 'postgres',
      rotation: 'r',
      change: 'promoted',
      version: 'v2',
      dependent: 'd',
      dependentKind: 'webhook',
    },
    {
      credential: 'c',
      kind: 'postgres',
      rotation: 'r',
      change: 'rolled-back',
      version: 'v1',
      replaces: 'v2',
      dependent: 'd',
      dependentKind: 'poller',
      expectation: { id: 'r#1', nonce: 'n' },
    },
  ],
  'dependent.acknowledged': [{ credential: 'c', rotation: 'r', dependent: 'd' }],
  'lease.due': [{ lease: 'l' }],
  'leases.due': [{}, { target: 't' }],
  'credential.breached': [{ credential: 'c', by: 'alice', reason: 'a leak' }],
  'page.requested': [
    {
      page: {
        id: 'p',
        severity: 'high',
        title: 't',
        subject: 's',
        reasons: ['one', 'two'],
        firstCommand: 'lockstep status',
        at,
      },
    },
  ],
  'reconcile.due': [{}, { credential: 'c' }],
  'seal.due': [{}],
  'pulse.due': [{}],
};

const ALL = Object.entries(SAMPLES).flatMap(([type, details]) =>
  details.map(
    (detail, index) =>
      ({ id: `${type}-${index}`, type, at, environment: 'staging', detail }) as LockstepEvent,
  ),
);
const malformed = expect.objectContaining({ code: 'MALFORMED_EVENT' }) as unknown;

describe('every type of event', () => {
  it.each(ALL)('$id comes back as it was sent', (event) => {
    expect(parseEvent(JSON.parse(JSON.stringify(event)))).toEqual(event);
    const entry = toBusEntry(event);
    const delivery = {
      id: 'aws',
      source: entry.source,
      'detail-type': entry.detailType,
      detail: JSON.parse(entry.detail) as unknown,
    };
    expect(eventOfDelivery(delivery)).toEqual(event);
  });

  it.each(ALL)('$id loses fields that nobody declared', (event) => {
    const more = { ...event, password: 'not-a-real', detail: { ...event.detail, password: 'not-a-real' } };
    expect(parseEvent(more)).toEqual(event);
  });

  it.each(ALL.flatMap((event) => Object.keys(event.detail).map((field) => ({ event, field, id: event.id }))))(
    '$id is refused with a number for its $field',
    ({ event, field }) => {
      expect(() => parseEvent({ ...event, detail: { ...event.detail, [field]: 7 } })).toThrow(malformed);
    },
  );

  it.each(
    ALL.flatMap((event) =>
      ['id', 'type', 'at', 'environment', 'detail'].map((field) => ({ event, field, id: event.id })),
    ),
  )('$id is refused without its $field', ({ event, field }) => {
    const { [field as 'id']: _gone, ...rest } = event;
    expect(() => parseEvent(rest)).toThrow(malformed);
  });
});

it.each([undefined, null, 'x', [], {}, { id: 'i', type: 'constructor', at, environment: 'e', detail: {} }])(
  '%j is no event',
  (value) => {
    expect(() => parseEvent(value)).toThrow(malformed);
  },
);

describe('on the bus', () => {
  const [event] = ALL;

  it('an event of another source is not ours, even when it looks like it', () => {
    const forged = { id: 'aws', source: 'com.example', 'detail-type': event?.type, detail: event };
    expect(() => eventOfDelivery(forged)).toThrow(malformed);
    expect(parseBusDelivery(forged)).toMatchObject({ source: 'com.example' });
  });

  it.each([...EVENT_ROUTES, ...ACCESS_EVENT_ROUTES])(
    'the pattern of $handler matches exactly what the table sends it',
    (route) => {
      const pattern = busPattern(route);
      for (const each of ALL) {
        const { source, detailType, detail } = toBusEntry(each);
        const body = JSON.parse(detail) as { readonly detail: { readonly dependentKind?: string } };
        const kinds = pattern.detail?.detail.dependentKind;
        const matches =
          pattern.source.includes(source) &&
          pattern.detailType.includes(detailType) &&
          (kinds === undefined || kinds.includes(body.detail.dependentKind ?? ''));
        expect(matches).toBe(handlersOf(each).includes(route.handler));
      }
    },
  );
});
