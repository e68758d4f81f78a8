import { describe, expect, it } from 'vitest';
import { awsSessionKind } from '../../../lambdas/leasers/aws-session/kind.ts';
import { aRoleToLease, READ, ROLE } from './a-world.ts';

const takes = (target: Readonly<Record<string, unknown>>): boolean =>
  awsSessionKind.target.safeParse({ role: ROLE, allow: [READ], ...target }).success;
const takesAction = (action: string): boolean => takes({ allow: [{ ...READ, actions: [action] }] });

describe('what is declared of a role', () => {
  it.each([
    { role: 'arn:aws-cn:iam::111122223333:role/reader' },
    { role: 'arn:aws-us-gov:iam::111122223333:role/a/path/reader' },
    { region: 'eu-central-1' },
    { externalId: 'agreed-with-them' },
    { tags: { project: 'rag', team: '' } },
    { allow: [{ ...READ, purposes: ['a'], when: { StringEquals: { 'aws:SourceVpce': ['vpce-1'] } } }] },
    { allow: [{ actions: ['s3:*'], resources: ['*'] }] },
    { allow: [{ ...READ, resources: ['arn:aws:s3:::b/${aws:PrincipalTag/lockstep-holder}/*'] }] },
  ])('is taken: %j', (target) => {
    expect(takes(target)).toBe(true);
  });

  it.each([
    { role: undefined },
    { role: 'arn:aws:iam::111122223333:user/somebody' },
    { role: 'arn:aws:iam::111122223333:role/' },
    { role: 'arn:aws:iam::*:role/reader' },
    { allow: [] },
    { allow: [{ ...READ, effect: 'Deny' }] },
    { allow: [{ ...READ, actions: [] }] },
    { allow: [{ ...READ, resources: [] }] },
    { allow: [{ ...READ, resources: ['exports/*'] }] },
    { allow: Array.from({ length: 20 }, () => ({ ...READ, resources: ['arn:aws:s3:::'.padEnd(120, 'x')] })) },
    { tags: { Team: 'a', team: 'b' } },
    { tags: { team: 'ü|' } },
    { tags: { 'lockstep-lease': 'x' } },
    { policy: '{}' },
  ])('is refused: %j', (target) => {
    expect(takes(target)).toBe(false);
  });

  it.each(['s3:GetObject', 's3:Get*', 'dynamodb:*', 'bedrock-agentcore:InvokeAgent'])(
    'an action is taken: %s',
    (action) => {
      expect(takesAction(action)).toBe(true);
    },
  );

  it.each([
    '*',
    '*:*',
    's3',
    'sts:AssumeRole',
    'sts:*',
    'iam:CreateAccessKey',
    'iam:*',
    'sso:GetRoleCredentials',
    'S3:GetObject',
    '*:AssumeRole',
    's?:x',
  ])('an action that makes credentials, or that is everything, is refused: %s', (action) => {
    expect(takesAction(action)).toBe(false);
  });
});

it('its places are where STS is, as far as the file says', () => {
  const placesOf = (target: Readonly<Record<string, unknown>>) => awsSessionKind.places(aRoleToLease(target));
  expect(placesOf({})).toEqual([]);
  expect(placesOf({ region: 'eu-central-1' })).toEqual([
    { host: 'sts.eu-central-1.amazonaws.com', port: 443 },
  ]);
  const china = { role: 'arn:aws-cn:iam::111122223333:role/reader', region: 'cn-north-1' };
  expect(placesOf(china)).toEqual([{ host: 'sts.cn-north-1.amazonaws.com.cn', port: 443 }]);
  expect(awsSessionKind.accounts(aRoleToLease())).toEqual([ROLE]);
});
