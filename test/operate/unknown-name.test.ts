import { describe, expect, it } from 'vitest';
import type { Order } from '../../lambdas/contracts/orders.ts';
import { aWorldOf } from '../simulation/stage.ts';

const ORDERS: readonly Order[] = [
  { order: 'rotate', credential: 'stroe', reason: 'a test' },
  { order: 'hold', credential: 'stroe', reason: 'a test' },
  { order: 'release', credential: 'stroe', reason: 'a test' },
  { order: 'redrive', credential: 'stroe', reason: 'a test' },
  { order: 'roll-back', credential: 'stroe', reason: 'a test' },
  { order: 'force', credential: 'stroe', dependents: ['reader'], reason: 'a test' },
  { order: 'revoke-breach', credential: 'stroe', reason: 'a test' },
  { order: 'adopt', credential: 'stroe', value: 'issue' },
];

describe('an order with a mistyped name', () => {
  it.each(ORDERS)('is refused and begins no chain of its own in the audit: $order', async (order) => {
    const world = await aWorldOf('store', 'prompt');

    expect(await world.order(order)).toMatch(/^UNKNOWN_CREDENTIAL/);

    const history = await world.report({ query: 'history', credential: 'stroe' });
    expect(history).toMatchObject({ records: [], refusals: [] });
  });
});
