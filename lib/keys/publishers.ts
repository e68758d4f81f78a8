import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { Conditions } from '../rights/right.ts';
import { arnAt, type Site } from '../site.ts';

/**
 * Services that publish in their own name into something encrypted. Without its statement in the key's policy a
 * publisher fails without a word: the alarm goes off and nobody hears of it.
 */

/** What a publisher into an encrypted queue or topic calls. */
const ACTIONS = ['kms:Decrypt', 'kms:GenerateDataKey*'];

/**
 * Rules of EventBridge, into queues. No conditions: EventBridge tells KMS nothing of the rule it acts for
 * (https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-troubleshooting.html, encrypted queues). Which rule may
 * send is for the queue's policy.
 */
export const rulesPublish = (): PolicyStatement =>
  new PolicyStatement({
    sid: 'RulesPublish',
    principals: [new ServicePrincipal('events.amazonaws.com')],
    actions: ACTIONS,
    resources: ['*'],
  });

/** Alarms of CloudWatch, to the on-call topic. */
export const alarmsPublish = (site: Site): PolicyStatement =>
  new PolicyStatement({
    sid: 'AlarmsPublish',
    principals: [new ServicePrincipal('cloudwatch.amazonaws.com')],
    actions: ACTIONS,
    resources: ['*'],
    conditions: {
      StringEquals: { 'aws:SourceAccount': site.deployment.account },
      ArnLike: { 'aws:SourceArn': arnAt(site, 'cloudwatch', 'alarm:*') },
    },
  });

/** A topic, into the queue of what its subscribers did not take. */
export const topicPublishes = (topicArn: string): PolicyStatement =>
  new PolicyStatement({
    sid: 'TopicPublishes',
    principals: [new ServicePrincipal('sns.amazonaws.com')],
    actions: ACTIONS,
    resources: ['*'],
    conditions: { ArnEquals: { 'aws:SourceArn': topicArn } },
  });

/**
 * A trail of CloudTrail, into its bucket. It encrypts each file under a context that names the trail, and looks at the
 * key when it is made (https://docs.aws.amazon.com/awscloudtrail/latest/userguide/create-kms-key-policy-for-cloudtrail.html).
 */
export function trailPublishes(
  { deployment: { account } }: Site,
  trailArn: string,
): readonly PolicyStatement[] {
  const statement = (sid: string, action: string, context: Conditions): PolicyStatement =>
    new PolicyStatement({
      sid,
      principals: [new ServicePrincipal('cloudtrail.amazonaws.com')],
      actions: [action],
      resources: ['*'],
      conditions: { StringEquals: { 'aws:SourceArn': trailArn }, ...context },
    });
  const ofThisAccount = {
    StringLike: { 'kms:EncryptionContext:aws:cloudtrail:arn': `arn:aws:cloudtrail:*:${account}:trail/*` },
  };
  return [
    statement('TrailPublishes', 'kms:GenerateDataKey*', ofThisAccount),
    statement('TrailLooks', 'kms:DescribeKey', {}),
  ];
}
