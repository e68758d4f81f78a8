import { githubAppCapabilities } from '../../../lambdas/leasers/github-app/capabilities.ts';
import { newLeaseId } from '../a-leasable.ts';
import { describeLeaserContract } from '../leaser-contract.ts';
import { aGithubWorld, anInstallation, VALUE, WRONG_VALUE } from './a-world.ts';

describeLeaserContract({
  name: 'github-app, on a double of GitHub,',
  capabilities: githubAppCapabilities,
  traits: ['authority'],
  shortSeconds: 3600,
  make: async () => {
    const { leaser, declared, clock, may, cleanUp } = aGithubWorld();
    return {
      leaser,
      leasable: anInstallation(),
      authority: { declared, value: VALUE, wrongValue: WRONG_VALUE },
      tries: async (value) => (may(value, 'acme/docs', 'contents', 'read') ? 'works' : 'refused'),
      clock: clock.now,
      pass: async (seconds) => clock.advance(seconds),
      newId: newLeaseId,
      cleanUp,
    };
  },
});
