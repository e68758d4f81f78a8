import { EVENT_SOURCE } from '../../lambdas/contracts/bus-envelope.ts';
import type { EventType } from '../../lambdas/core/events.ts';
import type { Right } from '../rights/right.ts';

/** To put events of these types on a bus, as ours. None named: of any type. */
export const mayPublish = (busArn: string, ...types: readonly EventType[]): Right => ({
  actions: ['events:PutEvents'],
  resources: [busArn],
  conditions: {
    // A request holds up to ten events; each has to be one of ours.
    'ForAllValues:StringEquals': {
      'events:source': EVENT_SOURCE,
      ...(types.length > 0 ? { 'events:detail-type': types } : {}),
    },
    Null: { 'events:source': 'false' },
  },
});
