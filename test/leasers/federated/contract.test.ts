import type { Leaser } from '../../../lambdas/core/ports/leaser.ts';
import { federatedCapabilities } from '../../../lambdas/leasers/federated/capabilities.ts';
import { newLeaseId } from '../a-leasable.ts';
import { describeLeaserContract } from '../leaser-contract.ts';
import { aFederatedWorld, aTokenToExchange, EXCHANGES } from './a-world.ts';
import { holderTokenOf } from './issuer-double.ts';

for (const [name, exchange] of Object.entries(EXCHANGES))
  describeLeaserContract({
    name: `federated, on a double of ${name},`,
    capabilities: federatedCapabilities,
    traits: [],
    shortSeconds: 300,
    make: async () => {
      const { leaser, services, clock, accepts, cleanUp } = aFederatedWorld();
      services.lives(300);
      // Each request comes with a token of its own, as it does through the broker.
      const withToken: Leaser = {
        ...leaser,
        issue: async (request, holder, times) =>
          leaser.issue(request, { ...holder, proof: await holderTokenOf(clock.now) }, times),
      };
      return {
        leaser: withToken,
        leasable: aTokenToExchange(exchange),
        tries: async (value) => (accepts(value) ? 'works' : 'refused'),
        clock: clock.now,
        pass: async (seconds) => clock.advance(seconds),
        newId: newLeaseId,
        cleanUp,
      };
    },
  });
