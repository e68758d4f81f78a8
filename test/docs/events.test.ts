import { describe, expect, it } from 'vitest';
import { eventOfDelivery, toBusEntry } from '../../lambdas/contracts/bus-envelope.ts';
import {
  ACCESS_EVENT_ROUTES,
  ACCESS_SCHEDULED_ROUTES,
  EVENT_ROUTES,
  FOREIGN_ROUTES,
  SCHEDULED_ROUTES,
} from '../../lambdas/contracts/routes.ts';
import { backoffSeconds, DELIVERY_RETRIES } from '../../lambdas/core/propagation/backoff.ts';
import type { EventType } from '../../lambdas/core/events.ts';
import { codeBlocks, page, tableRows } from './code-blocks.ts';

const PAGE = 'docs/formats/events.md';

interface Delivery {
  readonly 'detail-type': string;
  readonly resources: readonly string[];
  readonly detail: unknown;
}
const deliveries = codeBlocks(PAGE, 'json').map((json) => JSON.parse(json) as Delivery);

/** Every type there is: one that is forgotten here does not compile. */
const TYPES: Readonly<Record<EventType, true>> = {
  'rotation.due': true,
  'rotation.requested': true,
  'rotation.advanced': true,
  'credential.changed': true,
  'dependent.acknowledged': true,
  'lease.due': true,
  'leases.due': true,
  'credential.breached': true,
  'page.requested': true,
  'reconcile.due': true,
  'seal.due': true,
  'pulse.due': true,
};

describe('docs/formats/events.md', () => {
  it('shows an event of every type', () => {
    expect(deliveries.map((each) => each['detail-type']).sort()).toEqual(Object.keys(TYPES).sort());
  });

  it.each(deliveries)('shows $detail-type as it lies on the bus, whole', (delivery) => {
    const event = eventOfDelivery(delivery);
    // nothing is shown that would be left behind, and nothing is missing
    expect(event).toEqual(delivery.detail);
    const entry = toBusEntry(event);
    expect({ type: entry.detailType, resources: entry.resources }).toEqual({
      type: delivery['detail-type'],
      resources: delivery.resources,
    });
  });

  it('tells who handles what, as the table of routes does', () => {
    const shown = tableRows(PAGE)
      .filter((cells) => cells.length === 3)
      .filter(([bus = '']) => ['lockstep', 'default', 'clock'].includes(bus))
      .map(
        ([bus, event = '', handler = '']) =>
          `${bus}: ${event.replaceAll('`', '')} → ${handler.replaceAll('`', '')}`,
      );
    const routed = [
      ...[...EVENT_ROUTES, ...ACCESS_EVENT_ROUTES].flatMap(({ types, handler, dependentKind }) =>
        types.map((type) => {
          const kind = dependentKind === undefined ? '' : `, dependents of kind ${dependentKind}`;
          return `lockstep: ${type}${kind} → ${handler}`;
        }),
      ),
      ...FOREIGN_ROUTES.flatMap(({ detailTypes, handler }) =>
        detailTypes.map((type) => `default: ${type} → ${handler}`),
      ),
      ...[...SCHEDULED_ROUTES, ...ACCESS_SCHEDULED_ROUTES].map(
        ({ type, everySeconds, handler }) => `clock: ${type}, every ${everySeconds} s → ${handler}`,
      ),
    ];
    expect(shown.sort()).toEqual(routed.sort());
  });

  it('says how often a delivery is tried, and over how long', () => {
    const { maxAttempts } = DELIVERY_RETRIES;
    const waits = (random: number): number =>
      Array.from({ length: maxAttempts - 1 }, (_, index) =>
        backoffSeconds(DELIVERY_RETRIES, index + 1, random),
      ).reduce((sum, seconds) => sum + seconds, 0) / 60;
    expect(maxAttempts).toBe(12);
    expect(waits(0)).toBeGreaterThan(30);
    expect(waits(1)).toBeLessThan(65);
    expect(page(PAGE)).toContain('tried twelve times over 30 to 65 minutes');
  });
});
