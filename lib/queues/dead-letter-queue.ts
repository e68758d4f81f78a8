import { Duration, Validations } from 'aws-cdk-lib';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import {
  Queue,
  QueueEncryption,
  RedrivePermission,
  type QueueProps,
  type RedriveAllowPolicy,
} from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';

/** What all of our queues are: encrypted, for TLS only, and kept as long as SQS keeps anything. */
export const queueSettings = (key: IKey): QueueProps => ({
  encryption: QueueEncryption.KMS,
  encryptionMasterKey: key,
  dataKeyReuse: Duration.minutes(15),
  retentionPeriod: Duration.days(14),
  enforceSSL: true,
});

/** Properties of a `DeadLetterQueue`. */
export interface DeadLetterQueueProps {
  readonly queueName: string;
  readonly key: IKey;
  /**
   * The ARN of the queue whose messages SQS may put here.
   *
   * @default none: it is filled by a service that does not go through a queue
   */
  readonly lettersOf?: string;
}

/**
 * A queue of what was given up: by a function, a rule, a schedule, a topic. An alarm stands over each.
 *
 * By default any queue of the account may name it as where its own dead letters go. What lies here is one day delivered
 * again to our functions, so only their own queue may
 * (https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-dead-letter-queues.html).
 */
export class DeadLetterQueue extends Construct {
  readonly queue: Queue;

  constructor(scope: Construct, id: string, { queueName, key, lettersOf }: DeadLetterQueueProps) {
    super(scope, id);
    this.queue = new Queue(this, 'Queue', {
      ...queueSettings(key),
      queueName,
      redriveAllowPolicy: lettersOf === undefined ? FROM_NONE : onlyFrom(this, lettersOf),
    });
    const reason = 'it is itself where the given up is kept; a queue behind it would only hide it further';
    Validations.of(this.queue).acknowledge(
      { id: 'AwsSolutions-SQS3', reason },
      { id: 'Serverless-SQSRedrivePolicy', reason },
    );
  }
}

const FROM_NONE: RedriveAllowPolicy = { redrivePermission: RedrivePermission.DENY_ALL };

const onlyFrom = (scope: Construct, arn: string): RedriveAllowPolicy => ({
  redrivePermission: RedrivePermission.BY_QUEUE,
  // By its ARN: the queue itself names this one, and CloudFormation takes no circle.
  sourceQueues: [Queue.fromQueueArn(scope, 'LettersOf', arn)],
});
