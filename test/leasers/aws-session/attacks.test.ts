import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { awsSessionKind } from '../../../lambdas/leasers/aws-session/kind.ts';
import type { LeaserRequest } from '../../../lambdas/core/ports/leaser.ts';
import { newLeaseId } from '../a-leasable.ts';
import { inMinutes } from '../in-minutes.ts';
import { anAwsWorld, aRoleToLease, BUCKET, READ, ROLE } from './a-world.ts';
import { MARK } from '../../fakes/marks.ts';

type World = Awaited<ReturnType<typeof anAwsWorld>>;
let world: World;
beforeEach(async () => {
  world = await anAwsWorld();
});
afterEach(() => world.sts.close());

const request = (target: Readonly<Record<string, unknown>> = {}): LeaserRequest => ({
  environment: 'test',
  mark: MARK,
  leasable: aRoleToLease(target),
  leaseId: newLeaseId(),
  fence: 1,
});
const issue = (of: LeaserRequest, holder = 'workload:exporter', purpose = 'answer-questions') =>
  world.leaser.issue(of, { holder, purpose }, inMinutes(world.clock.now, 15));

describe('a leasable that asks for more than its role may', () => {
  it('gets what both allow, and no more', async () => {
    const wide = [{ actions: ['s3:*', 'dynamodb:*'], resources: ['*'] }];
    const { value } = await issue(request({ allow: wide }));
    expect(world.sts.allows(value, 's3:GetObject', `${BUCKET}/one`)).toBe(true);
    expect(world.sts.allows(value, 's3:DeleteObject', `${BUCKET}/one`)).toBe(false);
    expect(world.sts.allows(value, 's3:GetObject', 'arn:aws:s3:::payroll/one')).toBe(false);
    expect(
      world.sts.allows(value, 'dynamodb:GetItem', 'arn:aws:dynamodb:us-east-1:111122223333:table/t'),
    ).toBe(false);
  });

  it('gets less than its role where it says so, and cannot go on to another role', async () => {
    const { value } = await issue(request());
    expect(world.sts.allows(value, 's3:GetObject', `${BUCKET}/one`)).toBe(true);
    expect(world.sts.allows(value, 's3:GetObject', 'arn:aws:s3:::archive/one')).toBe(false);
    expect(world.sts.allows(value, 's3:PutObject', `${BUCKET}/one`)).toBe(false);
    expect(world.sts.allows(value, 'sts:AssumeRole', 'arn:aws:iam::111122223333:role/admin')).toBe(false);
  });

  it('never gets a session without a policy: that would have all rights of the role', async () => {
    const reads = { ...READ, purposes: ['read-exports'] };
    await expect(issue(request({ allow: [reads] }))).rejects.toThrow(
      /nothing in allow of exports is for the purpose/,
    );
    expect(world.sts.asked).toEqual([]);
    await issue(request());
    expect(world.sts.asked.map(({ policy }) => policy)).not.toContain(undefined);
  });

  it.each([
    ['a role of another account', { role: 'arn:aws:iam::444455556666:role/admin' }],
    ['a role of the account that does not trust it', { role: 'arn:aws:iam::111122223333:role/admin' }],
    ['an external id that the trust does not name', { externalId: 'guessed' }],
  ])('gets nothing of %s', async (_what, target) => {
    await world.sts.close();
    world = await anAwsWorld({ arn: ROLE, rights: { Statement: [] }, externalId: 'agreed' });
    await expect(issue(request(target))).rejects.toMatchObject({ code: 'TARGET_LACKS_GRANT' });
  });
});

describe('the purpose', () => {
  const write = { actions: ['s3:PutObject'], resources: [`${BUCKET}/*`], purposes: ['write-exports'] };
  const read = { ...READ, purposes: ['read-exports'] };

  it('decides which statements a session has', async () => {
    const of = request({ allow: [write, read] });
    const { value: reads } = await issue(of, 'workload:exporter', 'read-exports');
    const { value: writes } = await issue(
      { ...of, leaseId: newLeaseId() },
      'workload:exporter',
      'write-exports',
    );
    const actions = ['s3:GetObject', 's3:PutObject'];
    expect(actions.map((action) => world.sts.allows(reads, action, `${BUCKET}/one`))).toEqual([true, false]);
    expect(actions.map((action) => world.sts.allows(writes, action, `${BUCKET}/one`))).toEqual([false, true]);
  });

  it('carries its conditions', async () => {
    const when = { Bool: { 'aws:SecureTransport': ['true'] } };
    const { value } = await issue(request({ allow: [{ ...READ, when }] }));
    const overTls = (is: string) =>
      world.sts.allows(value, 's3:GetObject', `${BUCKET}/one`, { 'aws:SecureTransport': is });
    expect([overTls('true'), overTls('false')]).toEqual([true, false]);
  });
});

describe('a holder', () => {
  const own = { actions: ['s3:GetObject'], resources: [`${BUCKET}/\${aws:PrincipalTag/lockstep-holder}/*`] };
  const folderOf = (holder: string) => `${BUCKET}/${holder}/one`;

  it('gets what is its own by its tag, and nothing of another', async () => {
    const { value } = await issue(request({ allow: [own] }), 'workload:exporter');
    expect(world.sts.allows(value, 's3:GetObject', folderOf('workload:exporter'))).toBe(true);
    expect(world.sts.allows(value, 's3:GetObject', folderOf('workload:other'))).toBe(false);
  });

  it.each([
    '*',
    'workload:*',
    '?'.repeat(17),
    '${aws:username}',
    'workload:expor*er',
    '../workload:exporter/x',
  ])('who is called %j is still only themselves', async (holder) => {
    const { value } = await issue(request({ allow: [own] }), holder);
    expect(world.sts.allows(value, 's3:GetObject', folderOf('workload:exporter'))).toBe(false);
  });
});

describe('the tags', () => {
  const tagsOf = () => world.sts.asked[0]?.tags ?? {};

  it('say whose session it is, in every session that it is turned into', async () => {
    const of = request({ tags: { project: 'rag' } });
    await issue(of, 'person:https://idp.example|alice');
    expect(tagsOf()).toEqual({
      project: 'rag',
      'lockstep-environment': 'test',
      'lockstep-lease': of.leaseId,
      'lockstep-leasable': 'exports',
      'lockstep-holder': 'person:https://idp.example=7calice',
      'lockstep-purpose': 'answer-questions',
    });
    expect(world.sts.asked[0]?.transitive).toEqual(Object.keys(tagsOf()));
  });

  it.each([
    'lockstep-holder',
    'Lockstep-Holder',
    ' lockstep-purpose',
    'LOCKSTEP-LEASE',
    'aws:cloudformation:stack-id',
  ])('cannot be set by what the inventory adds: %j', async (key) => {
    const target = { role: ROLE, allow: [READ], tags: { [key]: 'somebody-else' } };
    expect(awsSessionKind.target.safeParse(target).success).toBe(false);
    await issue(request({ tags: { [key]: 'somebody-else' } }), 'workload:exporter');
    expect(Object.values(tagsOf())).not.toContain('somebody-else');
    expect(tagsOf()['lockstep-holder']).toBe('workload:exporter');
  });

  it('put nothing of what a holder is called into the name of the session', async () => {
    const of = request();
    await issue(of, 'a name\nwith %s and <b>');
    expect(world.sts.asked[0]?.sessionName).toBe(`lockstep_l_${of.leaseId}`);
  });
});
