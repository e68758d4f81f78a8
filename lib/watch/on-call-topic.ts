/* oxlint-disable no-new -- a construct adds itself to its scope */
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { CfnSubscription, Topic } from 'aws-cdk-lib/aws-sns';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { DeadLetterQueue } from '../queues/dead-letter-queue.ts';
import { arnAt, siteName, type Site } from '../site.ts';

/** Properties of an `OnCallTopic`. */
export interface OnCallTopicProps {
  readonly site: Site;
  readonly key: IKey;
}

/** The topic's ARN before it exists: the policy of its key has to name it. */
export const onCallTopicArn = (site: Site): string => arnAt(site, 'sns', siteName(site, 'on-call'));

/** Where whoever is on call hears of it: alarms of CloudWatch and pages of ours. What a subscriber does not take is kept. */
export class OnCallTopic extends Construct {
  readonly topic: Topic;

  constructor(scope: Construct, id: string, { site, key }: OnCallTopicProps) {
    super(scope, id);
    this.topic = new Topic(this, 'Topic', {
      topicName: siteName(site, 'on-call'),
      displayName: `Lockstep ${site.inventory.environment}`,
      masterKey: key,
      enforceSSL: true,
    });
    this.topic.addToResourcePolicy(alarmsMayPublish(site, this.topic));
    const queueName = siteName(site, 'on-call-dead-letters');
    const { queue: undelivered } = new DeadLetterQueue(this, 'Undelivered', { queueName, key });
    undelivered.addToResourcePolicy(topicMaySend(this.topic, undelivered));
    const { onCallEmail } = site.deployment;
    if (onCallEmail === undefined) return;
    new CfnSubscription(this, 'Email', {
      topicArn: this.topic.topicArn,
      protocol: 'email',
      endpoint: onCallEmail,
      redrivePolicy: { deadLetterTargetArn: undelivered.queueArn },
    });
  }
}

const alarmsMayPublish = (site: Site, topic: Topic): PolicyStatement =>
  new PolicyStatement({
    sid: 'AlarmsPublish',
    principals: [new ServicePrincipal('cloudwatch.amazonaws.com')],
    actions: ['sns:Publish'],
    resources: [topic.topicArn],
    conditions: {
      StringEquals: { 'aws:SourceAccount': site.deployment.account },
      ArnLike: { 'aws:SourceArn': arnAt(site, 'cloudwatch', `alarm:${siteName(site, '*')}`) },
    },
  });

const topicMaySend = (topic: Topic, queue: Queue): PolicyStatement =>
  new PolicyStatement({
    principals: [new ServicePrincipal('sns.amazonaws.com')],
    actions: ['sqs:SendMessage'],
    resources: [queue.queueArn],
    conditions: { ArnEquals: { 'aws:SourceArn': topic.topicArn } },
  });
