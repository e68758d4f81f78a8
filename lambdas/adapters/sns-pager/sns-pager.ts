import { PublishCommand, type SNSClient } from '@aws-sdk/client-sns';
import { foreignName, LockstepError } from '../../core/errors.ts';
import type { Page, Pager } from '../../core/ports/pager.ts';
import { pageJson, pageShort, pageSubject, pageText } from './page-text.ts';

/** What the pager needs from outside. */
export interface SnsPagerOptions {
  readonly client: SNSClient;
  readonly topicArn: string;
}

/** `Pager` on an SNS topic: a text for people, JSON for queues, functions and HTTPS receivers. */
export function snsPager({ client, topicArn }: SnsPagerOptions): Pager {
  return {
    async page(page) {
      await client.send(new PublishCommand(message(topicArn, page))).catch((error: unknown) => {
        throw new LockstepError(
          'PAGER_UNAVAILABLE',
          `page ${page.id} was not handed to SNS (${foreignName(error)}); try again, a repeat carries the same id`,
          { cause: error },
        );
      });
    },
  };
}

function message(topicArn: string, page: Page): PublishCommand['input'] {
  const [text, json] = [pageText(page), pageJson(page)];
  return {
    TopicArn: topicArn,
    Subject: pageSubject(page),
    // Each protocol gets the form that its readers want; `default` is required.
    MessageStructure: 'json',
    Message: JSON.stringify({
      default: text,
      email: text,
      sms: pageShort(page),
      http: json,
      https: json,
      lambda: json,
      sqs: json,
    }),
    // For subscriptions that filter, and receivers that fold repeats into one incident.
    MessageAttributes: {
      severity: { DataType: 'String', StringValue: page.severity },
      page: { DataType: 'String', StringValue: page.id },
    },
  };
}
