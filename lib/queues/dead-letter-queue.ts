import { Duration, Validations } from 'aws-cdk-lib';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Queue, QueueEncryption, type QueueProps } from 'aws-cdk-lib/aws-sqs';
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
}

/** A queue of what was given up: by a function, a rule, a schedule, a topic. An alarm stands over each. */
export class DeadLetterQueue extends Construct {
  readonly queue: Queue;

  constructor(scope: Construct, id: string, { queueName, key }: DeadLetterQueueProps) {
    super(scope, id);
    this.queue = new Queue(this, 'Queue', { ...queueSettings(key), queueName });
    const reason = 'it is itself where the given up is kept; a queue behind it would only hide it further';
    Validations.of(this.queue).acknowledge(
      { id: 'AwsSolutions-SQS3', reason },
      { id: 'Serverless-SQSRedrivePolicy', reason },
    );
  }
}
