import type { EventBus } from 'aws-cdk-lib/aws-events';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { CfnEventSourceMapping } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { deadLetterQueueName } from '../../lambdas/contracts/names.ts';
import { OUTBOX_STREAM_FILTER } from '../../lambdas/contracts/tables.ts';
import { LockstepFunction } from '../functions/lockstep-function.ts';
import { DeadLetterQueue } from '../queues/dead-letter-queue.ts';
import { ledgerAccess } from '../rights/ledger-access.ts';
import type { Right } from '../rights/right.ts';
import type { Site } from '../site.ts';
import type { LedgerTable } from './ledger-table.ts';
import { mayPublish } from './may-publish.ts';

/** Properties of an `OutboxPublisher`. */
export interface OutboxPublisherProps {
  readonly site: Site;
  readonly ledger: LedgerTable;
  readonly bus: EventBus;
  readonly key: IKey;
}

/**
 * Takes what was committed to the bus: woken by the ledger's stream for new events alone. A batch that fails is split
 * until the record that fails is alone, and then given up; its event stays in the outbox, and reconcile publishes it.
 */
export class OutboxPublisher extends Construct {
  constructor(scope: Construct, id: string, { site, ledger: { table }, bus, key }: OutboxPublisherProps) {
    super(scope, id);
    const queueName = deadLetterQueueName(site.inventory.environment, 'publish-outbox');
    const { queue: givenUp } = new DeadLetterQueue(this, 'GivenUp', { queueName, key });
    const publisher = new LockstepFunction(this, 'PublishOutbox', {
      site,
      name: 'publish-outbox',
      environment: { LEDGER_TABLE: table.tableName, BUS: bus.eventBusName },
      rights: [
        ...ledgerAccess('publish-outbox', table.tableArn),
        ...mayReadStream(table.tableArn, String(table.tableStreamArn)),
        mayPublish(bus.eventBusArn),
        { actions: ['sqs:SendMessage'], resources: [givenUp.queueArn] },
      ],
    });
    new CfnEventSourceMapping(this, 'Mapping', {
      functionName: publisher.function.functionName,
      eventSourceArn: String(table.tableStreamArn),
      // From the oldest: what was committed while nothing listened goes out as well, and a repeat harms nobody.
      startingPosition: 'TRIM_HORIZON',
      filterCriteria: { filters: [{ pattern: JSON.stringify(OUTBOX_STREAM_FILTER) }] },
      batchSize: 50,
      bisectBatchOnFunctionError: true,
      maximumRetryAttempts: 10,
      destinationConfig: { onFailure: { destination: givenUp.queueArn } },
    }).node.addDependency(publisher.role);
  }
}

const mayReadStream = (tableArn: string, streamArn: string): readonly Right[] => [
  {
    actions: ['dynamodb:DescribeStream', 'dynamodb:GetRecords', 'dynamodb:GetShardIterator'],
    resources: [streamArn],
  },
  {
    actions: ['dynamodb:ListStreams'],
    resources: [`${tableArn}/stream/*`],
    because:
      'listing asks about all streams of a table, and the name of one is only known when the table exists',
  },
];
