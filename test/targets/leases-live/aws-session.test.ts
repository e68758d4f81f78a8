/**
 * Leases of a role of AWS itself. Skipped unless it is asked for:
 *
 *     LOCKSTEP_LIVE_AWS_SESSION=1 \
 *     LOCKSTEP_LIVE_AWS_SESSION_ROLE=arn:aws:iam::…:role/… LOCKSTEP_LIVE_AWS_SESSION_REGION=eu-central-1 \
 *       npx vitest run --project targets test/targets/leases-live/aws-session.test.ts
 *
 * with the login of a role that the other one trusts for sts:AssumeRole and sts:TagSession, in the shell. The other one
 * needs the right to list all buckets (s3:ListAllMyBuckets), which the session must then not have. It changes nothing; the
 * session ends after a quarter of an hour.
 *
 * What it is for: what the double only assumes. That policy and tags fit into one session; that the ARN of a session is
 * as we say it is; that a session policy takes away what the role has.
 */
import { ListBucketsCommand, S3Client } from '@aws-sdk/client-s3';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { describe, expect, it } from 'vitest';
import { awsSessionLeaser } from '../../../lambdas/leasers/aws-session/leaser.ts';
import { inMinutes } from '../../leasers/in-minutes.ts';
import { given, liveLease, LIVE_HOLDER } from './live-lease.ts';

const isAsked = process.env['LOCKSTEP_LIVE_AWS_SESSION'] === '1';
const clock = (): Date => new Date();

/** As a holder reads it. */
interface Held {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
}

describe.skipIf(!isAsked)('a role of AWS itself (skipped without LOCKSTEP_LIVE_AWS_SESSION=1)', () => {
  it(
    'is leased as a session that is called as we say, and may do less than its role',
    { timeout: 60_000 },
    async () => {
      const region = given('LOCKSTEP_LIVE_AWS_SESSION_REGION');
      const leaser = awsSessionLeaser({ sts: () => new STSClient({ region }), clock });
      const request = liveLease('aws-session', {
        role: given('LOCKSTEP_LIVE_AWS_SESSION_ROLE'),
        region,
        allow: [{ actions: ['s3:GetObject'], resources: ['arn:aws:s3:::lockstep-live-test/*'] }],
      });
      const { key, value } = await leaser.issue(request, LIVE_HOLDER, inMinutes(clock, 15));
      const { accessKeyId, secretAccessKey, sessionToken } = JSON.parse(value.reveal()) as Held;
      const credentials = { accessKeyId, secretAccessKey, sessionToken };
      const who = await new STSClient({ region, credentials }).send(new GetCallerIdentityCommand());
      expect(who.Arn).toBe(key);
      const listing = new S3Client({ region, credentials }).send(new ListBucketsCommand());
      await expect(listing).rejects.toMatchObject({ name: 'AccessDenied' });
    },
  );
});
