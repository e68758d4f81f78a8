import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { SQSClient } from '@aws-sdk/client-sqs';
import { eventBridgeBus } from '../../lambdas/adapters/eventbridge-bus/eventbridge-bus.ts';
import { sqsDeadLetters } from '../../lambdas/adapters/sqs-dead-letters/sqs-dead-letters.ts';
import { busPattern, eventOfDelivery } from '../../lambdas/contracts/bus-envelope.ts';
import { EVENT_ROUTES } from '../../lambdas/contracts/routes.ts';
import type { LockstepEvent } from '../../lambdas/core/events.ts';
import { eachRecord } from '../../lambdas/shell/each-record.ts';
import { createLog } from '../../lambdas/shell/log.ts';
import { postponeDelivery } from '../../lambdas/shell/postpone-delivery.ts';
import type { BusUnderTest } from '../ports/bus-contract.ts';
import { eventBridgeDouble, type BusEntry } from './doubles/eventbridge.ts';
import { clientOf } from './doubles/http-double.ts';
import { MAX_RECEIVES, sqsDouble, type SqsDouble } from './doubles/sqs.ts';

const HANDLERS = EVENT_ROUTES.map(({ handler }) => handler);

/** What a rule does, for the patterns that we write: every field has to have one of the values. */
function matches(pattern: ReturnType<typeof busPattern>, { Source, DetailType, Detail }: BusEntry): boolean {
  const { detail } = JSON.parse(Detail) as { readonly detail: { readonly dependentKind?: string } };
  const kinds = pattern.detail?.detail.dependentKind;
  return (
    pattern.source.includes(Source) &&
    pattern.detailType.includes(DetailType) &&
    (kinds === undefined || kinds.includes(detail.dependentKind ?? ''))
  );
}

/** EventBridge's part: rules made from the routes table put deliveries into queues. */
function ruleInto(sqs: SqsDouble): (entry: BusEntry) => void {
  return (entry) => {
    for (const route of EVENT_ROUTES) {
      if (!matches(busPattern(route), entry)) continue;
      const { Source: source, DetailType, Detail } = entry;
      const delivery = {
        version: '0',
        id: 'aws',
        source,
        'detail-type': DetailType,
        detail: JSON.parse(Detail) as unknown,
      };
      sqs.send(route.handler, JSON.stringify(delivery));
    }
  };
}

/**
 * The way of an event on AWS, put together from the real parts (bus adapter, routes table, batch shell, dead
 * letters) between doubles of EventBridge and SQS; the double of SQS also polls, as Lambda does.
 */
export async function busOnAws(): Promise<BusUnderTest> {
  const sqs = await sqsDouble();
  const events = await eventBridgeDouble(ruleInto(sqs));
  const client = new SQSClient(clientOf(sqs));
  const works = new Map<string, (event: LockstepEvent) => Promise<void>>();

  const serve = (handler: string): Promise<void> =>
    sqs.poll(handler, async (messages) => {
      const Records = messages.map(({ id, handle, body, received }) => ({
        messageId: id,
        receiptHandle: handle,
        body,
        attributes: { ApproximateReceiveCount: String(received) },
      }));
      const options = {
        log: createLog({ level: 'error', clock: () => new Date(0), write: () => undefined }),
        random: () => 0.5,
        postpone: postponeDelivery(client, sqs.urlOf(handler)),
        dropped: () => undefined,
      };
      const { batchItemFailures } = await eachRecord(options, { Records }, async (body) => {
        await works.get(handler)?.(eventOfDelivery(JSON.parse(body)));
      });
      return new Set(batchItemFailures.map(({ itemIdentifier }) => itemIdentifier));
    });

  const queueOf = (handler: string) => ({
    handler,
    queueUrl: sqs.urlOf(handler),
    queueArn: `arn:aws:sqs:us-east-1:111122223333:${handler}`,
    deadLetterUrl: sqs.urlOf(`${handler}-dead`),
    deadLetterArn: `arn:aws:sqs:us-east-1:111122223333:${handler}-dead`,
  });
  return {
    bus: eventBridgeBus({
      client: new EventBridgeClient(clientOf(events)),
      bus: 'lockstep-staging',
      random: () => 0.5,
      pause: async () => undefined,
    }),
    deadLetters: sqsDeadLetters({ client, queues: HANDLERS.map(queueOf) }),
    wire: (handler, work) => void works.set(handler, work),
    attempts: MAX_RECEIVES,
    until: async (condition) => {
      for (let round = 0; !(await condition()); round += 1) {
        if (round > 100) throw new Error('what was waited for has not happened');
        for (const handler of HANDLERS) {
          sqs.finishMoving(`${handler}-dead`, handler);
          await serve(handler);
        }
        sqs.pass(3_600_000);
      }
    },
    cleanUp: async () => {
      await events.close();
      await sqs.close();
    },
  };
}
