import { STSClient } from '@aws-sdk/client-sts';
import { awsSessionLeaser } from '../../../lambdas/leasers/aws-session/leaser.ts';
import { clientOf } from '../../adapters/doubles/http-double.ts';
import { FakeClock } from '../../fakes/fake-clock.ts';
import { leasableOf } from '../a-leasable.ts';
import { stsDouble, type DoubleRole } from './sts-double.ts';

export const ROLE = 'arn:aws:iam::111122223333:role/data/nightly-export';
export const BUCKET = 'arn:aws:s3:::exports';

/** May read two buckets, write to one of them, and become another role. */
export const THE_ROLE: DoubleRole = {
  arn: ROLE,
  rights: {
    Version: '2012-10-17',
    Statement: [
      { Effect: 'Allow', Action: ['s3:GetObject'], Resource: [`${BUCKET}/*`, 'arn:aws:s3:::archive/*'] },
      { Effect: 'Allow', Action: ['s3:PutObject'], Resource: [`${BUCKET}/*`] },
      { Effect: 'Allow', Action: ['sts:AssumeRole'], Resource: ['*'] },
    ],
  },
};

export const READ = { actions: ['s3:GetObject'], resources: [`${BUCKET}/*`] };

export const aRoleToLease = (target: Readonly<Record<string, unknown>> = {}) =>
  leasableOf('aws-session', { role: ROLE, allow: [READ], ...target }, { name: 'exports' });

/** The leaser on a double of STS on loopback, spoken to by the SDK as in production. */
export async function anAwsWorld(role: DoubleRole = THE_ROLE) {
  const clock = new FakeClock();
  const sts = await stsDouble([role], clock.now);
  // One attempt: what a repeat of the SDK does is tested with it, not with everything.
  const client = new STSClient(clientOf(sts, 1));
  return { clock, sts, leaser: awsSessionLeaser({ sts: () => client, clock: clock.now }) };
}
