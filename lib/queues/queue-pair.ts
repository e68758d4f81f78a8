import { Duration } from 'aws-cdk-lib';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { deadLetterQueueName, queueName, type FunctionName } from '../../lambdas/contracts/names.ts';
import { DELIVERY_RETRIES } from '../../lambdas/core/propagation/backoff.ts';
import { arnAt, type Site } from '../site.ts';
import { DeadLetterQueue, queueSettings } from './dead-letter-queue.ts';

/** Properties of a `QueuePair`. */
export interface QueuePairProps {
  readonly site: Site;
  /** The function that it feeds. */
  readonly feeds: FunctionName;
  readonly key: IKey;
  /** How long that function may take for one batch. */
  readonly timeoutSeconds: number;
}

/**
 * A function's queue and the queue of what it gave up. A message has as many attempts as `DELIVERY_RETRIES` says; the
 * function itself spreads them over hours.
 */
export class QueuePair extends Construct {
  readonly queue: Queue;
  readonly deadLetters: Queue;

  constructor(scope: Construct, id: string, { site, feeds, key, timeoutSeconds }: QueuePairProps) {
    super(scope, id);
    const { environment } = site.inventory;
    const name = queueName(environment, feeds);
    this.deadLetters = new DeadLetterQueue(this, 'DeadLetters', {
      queueName: deadLetterQueueName(environment, feeds),
      key,
      lettersOf: arnAt(site, 'sqs', name),
    }).queue;
    this.queue = new Queue(this, 'Queue', {
      ...queueSettings(key),
      queueName: name,
      // Six times the function's timeout, as Lambda's guide asks: a throttled batch must not come back while it waits.
      visibilityTimeout: Duration.seconds(6 * timeoutSeconds),
      deadLetterQueue: { queue: this.deadLetters, maxReceiveCount: DELIVERY_RETRIES.maxAttempts },
    });
  }
}
