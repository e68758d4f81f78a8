import { awsSessionCapabilities } from '../../../lambdas/leasers/aws-session/capabilities.ts';
import { newLeaseId } from '../a-leasable.ts';
import { describeLeaserContract } from '../leaser-contract.ts';
import { anAwsWorld, aRoleToLease, BUCKET } from './a-world.ts';

describeLeaserContract({
  name: 'aws-session, on a double of STS,',
  capabilities: awsSessionCapabilities,
  traits: [],
  shortSeconds: 900,
  make: async () => {
    const { leaser, sts, clock } = await anAwsWorld();
    return {
      leaser,
      leasable: aRoleToLease(),
      tries: async (value) => (sts.allows(value, 's3:GetObject', `${BUCKET}/one`) ? 'works' : 'refused'),
      clock: clock.now,
      pass: async (seconds) => clock.advance(seconds),
      newId: newLeaseId,
      cleanUp: () => sts.close(),
    };
  },
});
