import { Duration, Validations } from 'aws-cdk-lib';
import { CfnRule, type EventBus } from 'aws-cdk-lib/aws-events';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { EventSourceMapping } from 'aws-cdk-lib/aws-lambda';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { FunctionName } from '../../lambdas/contracts/names.ts';
import { environmentKeyOf, type EnvironmentKeyOf, type Variables } from '../functions/environment-key.ts';
import { FUNCTION_SETTINGS } from '../functions/function-settings.ts';
import { LockstepFunction } from '../functions/lockstep-function.ts';
import type { Right } from '../rights/right.ts';
import type { Site } from '../site.ts';
import { QueuePair } from './queue-pair.ts';
import { rulesFor, type RoutedRule } from './routed-rules.ts';

/** Properties of a `QueueFedFunction`. */
export interface QueueFedFunctionProps<N extends FunctionName> {
  readonly site: Site;
  readonly name: N;
  /** A value for each variable that its handler reads, but its own queue's. */
  readonly environment: Omit<Variables<EnvironmentKeyOf<N>>, 'QUEUE_URL'>;
  readonly rights: readonly Right[];
  /** Encrypts its queues; its policy has to let EventBridge publish. */
  readonly key: IKey;
  /** Lockstep's own bus. Absent only for functions that are fed by the default bus alone. */
  readonly bus?: EventBus;
}

/**
 * A function, its queue, the queue's dead letters, and every rule that the tables of routes ask for. What a rule
 * cannot deliver joins the function's dead letters, so that there is one place to look and one way back.
 */
export class QueueFedFunction<N extends FunctionName> extends Construct {
  readonly queues: QueuePair;
  readonly fed: LockstepFunction<N>;

  constructor(scope: Construct, id: string, props: QueueFedFunctionProps<N>) {
    super(scope, id);
    const { site, name, key, bus, rights, environment } = props;
    const { timeoutSeconds } = FUNCTION_SETTINGS[environmentKeyOf(name)];
    this.queues = new QueuePair(this, 'Queues', { site, feeds: name, key, timeoutSeconds });
    const { queue } = this.queues;
    this.fed = new LockstepFunction(this, 'Fed', {
      site,
      name,
      // The compiler cannot follow that what was left out is what is put in here.
      environment: { ...environment, QUEUE_URL: queue.queueUrl } as unknown as Variables<EnvironmentKeyOf<N>>,
      rights: [mayReceive(queue), ...rights],
    });
    feed(this, this.fed, queue, name);
    for (const rule of rulesFor(name)) addRule(this, rule, this.queues, bus);
  }
}

/** `ChangeMessageVisibility` is how the function itself puts off the next attempt. */
const mayReceive = (queue: Queue): Right => ({
  actions: [
    'sqs:ReceiveMessage',
    'sqs:DeleteMessage',
    'sqs:GetQueueAttributes',
    'sqs:ChangeMessageVisibility',
  ],
  resources: [queue.queueArn],
});

function feed(
  scope: Construct,
  { function: target }: LockstepFunction<FunctionName>,
  queue: Queue,
  name: FunctionName,
): void {
  const { batch } = FUNCTION_SETTINGS[environmentKeyOf(name)];
  if (!batch) throw new Error(`the function ${name} is fed by a queue and has no batch in FUNCTION_SETTINGS`);
  const mapping = new EventSourceMapping(scope, 'Mapping', {
    target,
    eventSourceArn: queue.queueArn,
    batchSize: batch.size,
    maxConcurrency: batch.concurrency,
    reportBatchItemFailures: true,
    ...(batch.size > 1 ? { maxBatchingWindow: Duration.seconds(1) } : {}),
  });
  Validations.of(mapping).acknowledge({
    id: 'Serverless-LambdaEventSourceMappingDestination',
    reason: 'a mapping from SQS takes no destination for failures: the queue itself has dead letters',
  });
}

function addRule(
  scope: Construct,
  { id, bus, when, state, description }: RoutedRule,
  queues: QueuePair,
  own?: EventBus,
): void {
  if (bus === 'lockstep' && !own)
    throw new Error(`${description} needs Lockstep's own bus, which this function was not given`);
  const { queue, deadLetters } = queues;
  const rule = new CfnRule(scope, id, {
    description,
    state,
    ...(bus === 'lockstep' && own ? { eventBusName: own.eventBusName } : {}),
    ...when,
    targets: [
      {
        id: 'Queue',
        arn: queue.queueArn,
        deadLetterConfig: { arn: deadLetters.queueArn },
        retryPolicy: { maximumEventAgeInSeconds: 86_400, maximumRetryAttempts: 185 },
      },
    ],
  });
  for (const each of [queue, deadLetters]) each.addToResourcePolicy(maySend(rule, each));
}

const maySend = (rule: CfnRule, queue: Queue): PolicyStatement =>
  new PolicyStatement({
    principals: [new ServicePrincipal('events.amazonaws.com')],
    actions: ['sqs:SendMessage'],
    resources: [queue.queueArn],
    conditions: { ArnEquals: { 'aws:SourceArn': rule.attrArn } },
  });
