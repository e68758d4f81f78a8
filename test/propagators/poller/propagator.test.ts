import { expect, it } from 'vitest';
import { pollerPropagator } from '../../../lambdas/propagators/poller/propagator.ts';
import { aDependent, aNotice } from '../webhook/a-notice.ts';

it('tells a poller nothing: it asks by itself', async () => {
  const poller = { ...aDependent('embedder', {}), kind: 'poller' };
  expect(await pollerPropagator.tell(poller, aNotice())).toBe('nothing-to-tell');
});
