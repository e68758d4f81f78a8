import { SubscribeCommand } from '@aws-sdk/client-sns';
import { CreateQueueCommand, DeleteMessageCommand, ReceiveMessageCommand } from '@aws-sdk/client-sqs';
import { BED_ACCOUNT, BED_REGION } from '../launch/ministack.ts';
import type { BedClients } from './bed-clients.ts';
import { BED_ENVIRONMENT } from './bed-workspace.ts';

/** What a subscriber of the on-call topic is sent. */
export interface Heard {
  readonly subject: string;
  readonly text: string;
}

/** Whoever is on call: a queue that is subscribed to the topic. */
export class OnCall {
  readonly #clients: BedClients;
  readonly #queueUrl: string;
  readonly heard: Heard[] = [];

  private constructor(clients: BedClients, queueUrl: string) {
    this.#clients = clients;
    this.#queueUrl = queueUrl;
  }

  static async subscribe(clients: BedClients): Promise<OnCall> {
    const name = 'whoever-is-on-call';
    const { QueueUrl = '' } = await clients.sqs.send(new CreateQueueCommand({ QueueName: name }));
    await clients.sns.send(
      new SubscribeCommand({
        TopicArn: `arn:aws:sns:${BED_REGION}:${BED_ACCOUNT}:lockstep-${BED_ENVIRONMENT}-on-call`,
        Protocol: 'sqs',
        Endpoint: `arn:aws:sqs:${BED_REGION}:${BED_ACCOUNT}:${name}`,
      }),
    );
    return new OnCall(clients, QueueUrl);
  }

  /** Takes what has come since the last time. */
  async listen(): Promise<readonly Heard[]> {
    for (;;) {
      const { Messages = [] } = await this.#clients.sqs.send(
        new ReceiveMessageCommand({ QueueUrl: this.#queueUrl, MaxNumberOfMessages: 10 }),
      );
      if (Messages.length === 0) return this.heard;
      for (const { Body = '{}', ReceiptHandle } of Messages) {
        const { Subject = '', Message = '' } = JSON.parse(Body) as {
          readonly Subject?: string;
          readonly Message?: string;
        };
        this.heard.push({ subject: Subject, text: Message });
        await this.#clients.sqs.send(new DeleteMessageCommand({ QueueUrl: this.#queueUrl, ReceiptHandle }));
      }
    }
  }
}
