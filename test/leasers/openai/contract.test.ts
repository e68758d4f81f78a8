import { Secret } from '../../../lambdas/core/secret.ts';
import { openaiLeaseCapabilities } from '../../../lambdas/leasers/openai/capabilities.ts';
import { newLeaseId } from '../a-leasable.ts';
import { describeLeaserContract } from '../leaser-contract.ts';
import { aLeaseWorld, leasable } from './a-world.ts';

describeLeaserContract({
  name: 'openai, on the double of OpenAI,',
  capabilities: openaiLeaseCapabilities,
  traits: ['authority', 'written', 'fresh-values'],
  shortSeconds: 5,
  make: async () => {
    const world = aLeaseWorld();
    const { leaser, declared, value, clock, organization } = world;
    return {
      leaser,
      leasable: leasable(),
      authority: {
        declared,
        value,
        wrongValue: new Secret(JSON.stringify({ adminKey: 'sk-admin-that-nobody-has-made' })),
      },
      tries: async (held) => (world.use(held) === 200 ? 'works' : 'refused'),
      clock,
      pass: async (seconds) => world.pass(seconds),
      written: async () =>
        JSON.stringify([organization.keys('proj_agents'), organization.accounts('proj_agents')]),
      newId: newLeaseId,
      cleanUp: async () => undefined,
    };
  },
});
