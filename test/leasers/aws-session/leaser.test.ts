import { STSClient } from '@aws-sdk/client-sts';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { LeaserRequest } from '../../../lambdas/core/ports/leaser.ts';
import { Secret } from '../../../lambdas/core/secret.ts';
import { secondsAfter } from '../../../lambdas/core/time.ts';
import { leaseAuthorityOf, newLeaseId } from '../a-leasable.ts';
import { inMinutes } from '../in-minutes.ts';
import { awsSessionLeaser } from '../../../lambdas/leasers/aws-session/leaser.ts';
import { clientOf } from '../../adapters/doubles/http-double.ts';
import { codeOf } from '../../ports/under-test.ts';
import { anAwsWorld, aRoleToLease, BUCKET, READ, THE_ROLE } from './a-world.ts';
import { stsRefusal } from './sts-double.ts';
import { MARK } from '../../fakes/marks.ts';

type World = Awaited<ReturnType<typeof anAwsWorld>>;
let world: World;
beforeEach(async () => {
  world = await anAwsWorld();
});
afterEach(() => world.sts.close());

const HOLDER = { holder: 'workload:exporter', purpose: 'answer-questions' };
const request = (target: Readonly<Record<string, unknown>> = {}): LeaserRequest => ({
  environment: 'test',
  mark: MARK,
  leasable: aRoleToLease(target),
  leaseId: newLeaseId(),
  fence: 1,
});
const issue = (of = request(), minutes = 15) =>
  world.leaser.issue(of, HOLDER, inMinutes(world.clock.now, minutes));

describe('a session that is leased', () => {
  it('is called after its lease, where CloudTrail shows it, and is what every SDK takes', async () => {
    const of = request({ region: 'eu-central-1' });
    const { key, value, expiresAt } = await issue(of);
    expect(key).toBe(`arn:aws:sts::111122223333:assumed-role/nightly-export/lockstep_l_${of.leaseId}`);
    expect(expiresAt).toBe('2026-01-01T00:15:00.000Z');
    expect(JSON.parse(value.reveal())).toEqual({
      accessKeyId: expect.stringMatching(/^ASIA/),
      secretAccessKey: expect.any(String),
      sessionToken: expect.any(String),
      expiresAt,
      region: 'eu-central-1',
    });
  });

  it('shows what its trust asks for, and nothing where it asks for nothing', async () => {
    await issue(request({ externalId: 'agreed' }));
    await issue();
    expect(world.sts.asked.map(({ externalId }) => externalId)).toEqual(['agreed', undefined]);
  });

  it('is never longer than what is left of its lease, nor than an hour', async () => {
    await issue(request(), 30);
    await world.leaser.issue(request(), HOLDER, {
      ...inMinutes(world.clock.now, 20),
      expiresAt: secondsAfter('2026-01-01T00:20:00.000Z', 0.9),
    });
    await issue(request(), 61);
    expect(world.sts.asked.map(({ seconds }) => seconds)).toEqual([1800, 1200, 3600]);
  });

  it('is a quarter of an hour where a little less is left, and nothing where much less is', async () => {
    const { expiresAt } = await issue(request(), 14.5);
    expect(expiresAt).toBe('2026-01-01T00:15:00.000Z');
    await expect(issue(request(), 13.9)).rejects.toMatchObject({ code: 'NOT_SUPPORTED' });
    expect(world.sts.asked).toHaveLength(1);
  });
});

describe('a session whose answer', () => {
  it('is lost is one that nobody has, and the next one works', async () => {
    world.sts.next('lost');
    const of = request();
    expect(await codeOf(issue(of))).toBe('TARGET_UNREACHABLE');
    const { value } = await issue({ ...of, fence: 2 });
    expect(world.sts.allows(value, 's3:GetObject', `${BUCKET}/one`)).toBe(true);
    expect(world.sts.asked.map(({ sessionName }) => sessionName)).toEqual(
      Array.from({ length: 2 }, () => `lockstep_l_${of.leaseId}`),
    );
  });

  it('comes too late is handed to nobody', async () => {
    const times = inMinutes(world.clock.now, 15);
    let looks = 0;
    const leaser = awsSessionLeaser({
      sts: () => new STSClient(clientOf(world.sts, 1)),
      clock: () => {
        looks += 1;
        // The last time that it looks, it is behind the answer.
        return looks > 3 ? new Date(times.notAfter) : world.clock.now();
      },
    });
    expect(await codeOf(leaser.issue(request(), HOLDER, times))).toBe('FENCED_OFF');
    expect(world.sts.asked).toHaveLength(1);
  });

  it('says that it is longer than was asked is handed to nobody', async () => {
    const credentials = (expiration: string): string =>
      '<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult><Credentials>' +
      `<AccessKeyId>ASIA</AccessKeyId><SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken>${expiration}` +
      '</Credentials></AssumeRoleResult></AssumeRoleResponse>';
    const answer = (body: string) => ({ status: 200, headers: { 'content-type': 'text/xml' }, body });
    world.sts.next(
      answer(credentials('<Expiration>2026-01-01T12:00:00Z</Expiration>')),
      answer(credentials('')),
    );
    await expect(issue()).rejects.toThrow(/ends 42300 s after its lease/);
    await expect(issue()).rejects.toThrow(/answered without credentials/);
  });
});

describe('a refusal', () => {
  it.each([
    [403, 'AccessDenied', 'TARGET_LACKS_GRANT'],
    [400, 'MalformedPolicyDocument', 'TARGET_REFUSED'],
    [400, 'PackedPolicyTooLarge', 'TARGET_REFUSED'],
    [403, 'RegionDisabledException', 'TARGET_REFUSED'],
    [400, 'ValidationError', 'TARGET_REFUSED'],
    [403, 'ExpiredToken', 'TARGET_REFUSES_LOGIN'],
    [403, 'InvalidClientTokenId', 'TARGET_REFUSES_LOGIN'],
    [400, 'Throttling', 'TARGET_BUSY'],
    [503, 'ServiceUnavailable', 'TARGET_UNREACHABLE'],
    [500, 'InternalFailure', 'TARGET_UNREACHABLE'],
  ])('of %d %s is %s, and repeats nothing that STS says', async (status, code, expected) => {
    world.sts.next(stsRefusal(status, code, 'canary {"Version":"2012-10-17"}'));
    const error = await issue().catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: expected });
    expect(String(error)).not.toContain('canary');
    // Nothing of it lies behind the error either.
    expect(error).not.toHaveProperty('cause');
  });

  it('names the trust that a role lacks', async () => {
    await world.sts.close();
    world = await anAwsWorld({ ...THE_ROLE, takesTags: false });
    await expect(issue()).rejects.toThrow(/sts:TagSession/);
  });

  it('of a policy that is too long comes before STS is asked', async () => {
    const long = Array.from({ length: 30 }, (_each, index) => ({
      ...READ,
      resources: [`arn:aws:s3:::${'bucket'.repeat(8)}-${index}/*`],
    }));
    await expect(issue(request({ allow: long }))).rejects.toMatchObject({ code: 'INVENTORY_INVALID' });
    expect(world.sts.asked).toEqual([]);
  });
});

it('there is no authority to check or to prove', async () => {
  const declared = leaseAuthorityOf('aws-session', {});
  const value = new Secret('{}');
  expect(() => world.leaser.checkAuthority(declared, value)).toThrow(/no authority is stored/);
  expect(await codeOf(world.leaser.proveAuthority(declared, value))).toBe('NOT_SUPPORTED');
});
