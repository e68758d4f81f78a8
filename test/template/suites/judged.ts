import { expect, it } from 'vitest';
import { CLEAN, judge, type Judgement } from '../../beds/rights/judge.ts';
import type { RecordedCall } from '../../beds/rights/recorded-call.ts';
import type { ReasonedGrants } from '../../beds/rights/unused-with-reason.ts';
import { handMadeCalls } from '../hand-made-calls.ts';
import type { SynthesizedEnvironment } from '../synthesized-environment.ts';
import { tampered } from '../tampered.ts';
import { example } from '../the-example.ts';

const staging = (): SynthesizedEnvironment => {
  const found = example().environments.find(({ name }) => name === 'staging');
  if (!found) throw new Error('the example has no staging');
  return found;
};

const judged = (
  calls: readonly RecordedCall[],
  environment = staging(),
  reasons: readonly ReasonedGrants[] = [],
): Judgement => judge({ calls, environment, reasons });

/** Those of `lacking` or `unused` that speak of all of these. */
const about = (sentences: readonly string[], ...words: readonly string[]): readonly string[] =>
  sentences.filter((sentence) => words.every((word) => sentence.includes(word)));

const publish = (application: string): RecordedCall => ({
  application,
  service: 'sns',
  action: 'Publish',
  parameters: { TopicArn: 'arn:aws:sns:eu-central-1:111111111111:lockstep-staging-on-call' },
});

/** The same environment without a statement of a role that names an action. */
const without = (role: string, action: string): SynthesizedEnvironment =>
  tampered(staging(), ({ Resources }) => {
    for (const { Type, Properties = {} } of Object.values(Resources)) {
      if (Type !== 'AWS::IAM::Role' || Properties['RoleName'] !== `lockstep-staging-${role}`) continue;
      for (const { PolicyDocument } of Properties['Policies'] as { PolicyDocument: Document }[])
        PolicyDocument.Statement = PolicyDocument.Statement.filter(
          ({ Action }) => !JSON.stringify(Action).includes(action),
        );
    }
  });

interface Document {
  Statement: { readonly Action: unknown; readonly Sid?: string }[];
}

// The judge of recorded calls, on recordings made by hand: it finds what is missing, and what is too much.

it('judged: what AWS does by itself with our roles is allowed, and is all understood, in every environment', () => {
  for (const environment of example().environments) {
    const { lacking, notUnderstood } = judged([], environment);
    expect({ lacking, notUnderstood }).toEqual({ lacking: [], notUnderstood: [] });
  }
});

it('judged: each kind of call that a function makes is allowed to it', () => {
  const everythingElse = [{ role: '*', part: '*', because: 'it is a short life' }];
  expect(judged(handMadeCalls(staging()), staging(), everythingElse)).toEqual(CLEAN);
});

it('judged: a call without a grant is named with who, what, where and with what', () => {
  const { lacking } = judged([publish('tell-webhook')]);
  expect(
    about(lacking, 'tell-webhook', 'sns:Publish', ':lockstep-staging-on-call', 'aws:SecureTransport'),
  ).toHaveLength(1);
  expect(lacking).toHaveLength(1);
});

it.each([
  ['page-on-call', 'sns:Publish'],
  ['append-audit', 'dynamodb:PutItem'],
  ['seal-audit', 'kms:Sign'],
  ['advance-rotation', 'iam:PassRole'],
  ['advance-rotation', 'scheduler:CreateSchedule'],
  ['start-rotation', 'secretsmanager:RotateSecret'],
  ['start-rotation', 'lambda:InvokeFunction'],
  ['target-postgres', 'secretsmanager:UpdateSecretVersionStage'],
  ['operate', 'sqs:StartMessageMoveTask'],
  ['operate', 'sqs:SendMessage'],
  ['publish-outbox', 'events:PutEvents'],
  ['publish-outbox', 'dynamodb:GetRecords'],
  ['publish-outbox', 'sqs:SendMessage'],
  ['timers', 'events:PutEvents'],
  ['take-pulse', 's3:ListBucket'],
  ['report', 'logs:PutLogEvents'],
  ['grant-lease', 'dynamodb:DeleteItem'],
  ['grant-lease', 'lambda:InvokeFunction'],
  ['grant-lease', 'scheduler:CreateSchedule'],
  ['lease-postgres', 'secretsmanager:GetSecretValue'],
  ['sweep-leases', 'dynamodb:Query'],
  ['expiries', 'events:PutEvents'],
])('judged: without its grant, %s is found to lack %s', (role, action) => {
  const { lacking } = judged(handMadeCalls(staging()), without(role, action));
  expect(about(lacking, `lockstep-staging-${role} may not ${action} on`).length).toBeGreaterThan(0);
});

it('judged: a key whose policy lets a service in no more is found by what calls through it', () => {
  const closed = tampered(staging(), ({ Resources }) => {
    for (const { Type, Properties = {} } of Object.values(Resources)) {
      if (Type !== 'AWS::KMS::Key') continue;
      const policy = Properties['KeyPolicy'] as Document;
      policy.Statement = policy.Statement.filter(({ Sid }) => Sid !== 'UseThroughServices');
    }
  });
  const { lacking } = judged([publish('page-on-call')], closed);
  expect(
    about(lacking, 'page-on-call', 'kms:GenerateDataKey', 'sns.eu-central-1', 'sns-key-management'),
  ).toHaveLength(1);
});

it('judged: a grant without a call is named, until something calls it', () => {
  const idle = about(judged([]).unused, 'page-on-call', 'sns:Publish');
  expect(idle).toHaveLength(1);
  expect(about(judged([publish('page-on-call')]).unused, 'page-on-call', 'sns:Publish')).toEqual([]);
  // A call that is refused uses nothing.
  expect(about(judged([publish('tell-webhook')]).unused, 'page-on-call', 'sns:Publish')).toEqual(idle);
});

it('judged: of a statement that is used, an action, a resource or a listed value that is not is named', () => {
  const { unused } = judged(handMadeCalls(staging()));
  expect(about(unused, 'start-rotation', 'lockstep-staging-target-openai')).toHaveLength(1);
  expect(about(unused, 'start-rotation', 'lockstep-staging-target-postgres')).toEqual([]);
  expect(about(unused, 'target-postgres', 'lock#*')).toEqual([]);
  expect(about(unused, 'target-postgres', 'refusal#*')).toHaveLength(1);
  expect(about(unused, 'operate', 'sqs:StartMessageMoveTask')).toEqual([]);
  expect(about(unused, 'operate', 'sqs:ChangeMessageVisibility')).toHaveLength(1);
});

it('judged: a grant that only AWS uses is not unused', () => {
  const { unused } = judged([]);
  for (const part of ['dynamodb:GetRecords', 'logs:PutLogEvents', 'lockstep-staging-cadence-dead-letters'])
    expect(about(unused, part)).toEqual([]);
});

it('judged: an unused grant passes with its reason, and a reason without one does not', () => {
  const because = 'no run pages anybody';
  const reasons = ['sns:Publish', '*:lockstep-staging-on-call'].map((part) => ({
    role: 'page-on-call',
    part,
    because,
  }));
  const idle = judged([], staging(), reasons);
  expect([about(idle.unused, 'page-on-call', 'sns:Publish'), idle.groundless]).toEqual([[], []]);
  const { groundless } = judged([publish('page-on-call')], staging(), reasons);
  expect(groundless).toHaveLength(2);
  expect(about(groundless, 'page-on-call', 'sns:Publish', because)).toHaveLength(1);
});

it('judged: labels are moved only once the secret names the function that rotates it', () => {
  const calls = handMadeCalls(staging());
  const adoption = calls.find(
    ({ action, parameters }) => action === 'RotateSecret' && 'RotationLambdaARN' in parameters,
  );
  const move = calls.find(({ action }) => action === 'UpdateSecretVersionStage');
  if (!adoption || !move) throw new Error('the recording has no adoption');
  const lacks = (...before: readonly RecordedCall[]): number =>
    about(judged([...before, move]).lacking, 'UpdateSecretVersionStage').length;
  expect([lacks(), lacks({ ...adoption, status: 400 }), lacks(adoption)]).toEqual([1, 1, 0]);
});

it.each<[string, Partial<RecordedCall>, readonly string[]]>([
  ['a function', { application: 'somebody' }, ['somebody']],
  ['a service', { service: 'ec2', action: 'RunInstances' }, ['ec2', 'RunInstances', 'page-on-call']],
  ['an operation', { action: 'CreateTopic' }, ['sns', 'CreateTopic']],
  ['a topic', { parameters: { TopicArn: 'arn:aws:sns:eu-central-1:111111111111:other' } }, [':other']],
  ['a recording without what matters', { parameters: {} }, ['sns', 'Publish', 'TopicArn']],
])('judged: %s that it does not know is no verdict', (_what, change, words) => {
  const { lacking, notUnderstood } = judged([{ ...publish('page-on-call'), ...change }]);
  expect(lacking).toEqual([]);
  expect(about(notUnderstood, ...words)).toHaveLength(1);
});
