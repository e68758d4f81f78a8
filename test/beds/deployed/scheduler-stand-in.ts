import { PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { CreateQueueCommand, DeleteMessageBatchCommand, ReceiveMessageCommand } from '@aws-sdk/client-sqs';
import { BED_ACCOUNT, BED_REGION } from '../launch/ministack.ts';
import type { Interceptor } from '../proxy/bed-proxy.ts';
import type { BedClients } from './bed-clients.ts';

interface BusTarget {
  readonly Arn: string;
  readonly Input: string;
  readonly EventBridgeParameters?: { readonly Source: string; readonly DetailType: string };
}

/** What a schedule carries to the queue in place of the bus. */
interface Carried {
  readonly bus: string;
  readonly source: string;
  readonly detailType: string;
  readonly detail: string;
}

const QUEUE = 'what-scheduler-puts';

/**
 * Scheduler's part where its target is a bus: the bed fires schedules, but puts them there as events of its own, without
 * the source and detail type that were asked for. So it fires them into a queue, and what lies there is put on the bus.
 */
export class SchedulerStandIn {
  readonly #clients: BedClients;
  readonly #queueUrl: string;

  private constructor(clients: BedClients, queueUrl: string) {
    this.#clients = clients;
    this.#queueUrl = queueUrl;
  }

  static async open(clients: BedClients): Promise<SchedulerStandIn> {
    const { QueueUrl = '' } = await clients.sqs.send(new CreateQueueCommand({ QueueName: QUEUE }));
    return new SchedulerStandIn(clients, QueueUrl);
  }

  readonly interceptor: Interceptor = (call, pass) => {
    const target = call.parameters['Target'] as BusTarget | undefined;
    const { Source: source, DetailType: detailType } = target?.EventBridgeParameters ?? {};
    if (call.service !== 'scheduler' || !target || source === undefined || detailType === undefined)
      return pass(call);
    const carried: Carried = { bus: target.Arn, source, detailType, detail: target.Input };
    const { EventBridgeParameters: _lost, ...rest } = target;
    const Target = {
      ...rest,
      Arn: `arn:aws:sqs:${BED_REGION}:${BED_ACCOUNT}:${QUEUE}`,
      Input: JSON.stringify(carried),
    };
    return pass({ ...call, body: Buffer.from(JSON.stringify({ ...call.parameters, Target })) });
  };

  /** Puts what has fired since the last time on its bus. */
  async carry(): Promise<void> {
    const { sqs, events } = this.#clients;
    const { Messages = [] } = await sqs.send(
      new ReceiveMessageCommand({ QueueUrl: this.#queueUrl, MaxNumberOfMessages: 10 }),
    );
    if (Messages.length === 0) return;
    const Entries = Messages.map(({ Body = '{}' }) => {
      const { bus, source, detailType, detail } = JSON.parse(Body) as Carried;
      return { EventBusName: bus, Source: source, DetailType: detailType, Detail: detail };
    });
    const { FailedEntryCount = 0 } = await events.send(new PutEventsCommand({ Entries }));
    if (FailedEntryCount > 0) throw new Error(`the bus took all but ${FailedEntryCount} events of schedules`);
    await sqs.send(
      new DeleteMessageBatchCommand({
        QueueUrl: this.#queueUrl,
        Entries: Messages.map(({ ReceiptHandle }, index) => ({ Id: String(index), ReceiptHandle })),
      }),
    );
  }
}
