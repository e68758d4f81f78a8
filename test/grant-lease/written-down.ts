import type { Family } from '../../lambdas/core/ports/ledger.ts';
import type { Broker } from './a-broker.ts';

const FAMILIES: readonly Family[] = [
  'lease',
  'lease-index',
  'lease-due',
  'lease-ending',
  'lease-quota',
  'lease-ask',
  'lease-order',
  'lease-review',
  'approval',
  'approval-index',
  'finding',
  'incident',
];

/** Everything that the broker has written down anywhere, as one text. */
export const writtenDown = (broker: Broker): string =>
  JSON.stringify([
    FAMILIES.map((family) => broker.ledger.rows(family)),
    broker.audit.entries(),
    broker.pages,
    [...broker.timer.scheduled],
    broker.leases.calls,
  ]);
