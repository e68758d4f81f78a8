import type { Propagator } from '../../core/ports/propagator.ts';

/** A poller asks by itself: it reads again every cacheTtl and asks what is expected of it. Nobody tells it anything. */
export const pollerPropagator: Propagator = {
  tell: () => Promise.resolve('nothing-to-tell'),
};
