import { NotUnderstood } from '../../../rights/not-understood.ts';
import { asker, type Asked } from '../asked.ts';
import { nameOf, textIn, type RecordedCall } from '../recorded-call.ts';
import { find, type Reached } from '../site-of.ts';
import { throughKms } from '../through-kms.ts';
import type { Caller, Translation } from './translation.ts';

/** What a call on one queue is authorised as, and what it does to its messages. A batch is its own single call. */
const ON_A_QUEUE: Readonly<Record<string, readonly [action: string, how?: 'read' | 'write']>> = {
  ReceiveMessage: ['ReceiveMessage', 'read'],
  SendMessage: ['SendMessage', 'write'],
  SendMessageBatch: ['SendMessage', 'write'],
  DeleteMessage: ['DeleteMessage'],
  DeleteMessageBatch: ['DeleteMessage'],
  ChangeMessageVisibility: ['ChangeMessageVisibility'],
  ChangeMessageVisibilityBatch: ['ChangeMessageVisibility'],
  GetQueueAttributes: ['GetQueueAttributes'],
};

/** SQS moves messages as whoever asks for it. */
const REDRIVE =
  'https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-configure-dead-letter-queue-redrive.html';

/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-api-permissions-reference.html */
export const queueCalls: Translation = (call, caller) => {
  if (call.action === 'StartMessageMoveTask') return moving(call, caller);
  if (call.action === 'ListMessageMoveTasks')
    return [mayBe(caller, 'ListMessageMoveTasks', queueAt(caller, textIn(call, 'SourceArn')))];
  const described = ON_A_QUEUE[call.action];
  if (!described) throw new NotUnderstood(`${nameOf(call)} is not described`);
  const [action, how] = described;
  // Of its URL only the name is certain: where it points differs between AWS and a bed.
  const queue = queueAt(caller, textIn(call, 'QueueUrl').split('/').at(-1) ?? '');
  return [mayBe(caller, action, queue), ...messages(caller, queue, how)];
};

const queueAt = ({ site }: Caller, nameOrArn: string): Reached => find(site.queues, nameOrArn, 'queue');

const mayBe = ({ site, role }: Caller, action: string, { arn }: Reached, because?: string): Asked =>
  asker(role, site.account, because)(`sqs:${action}`, arn);

const messages = ({ site, role }: Caller, queue: Reached, how?: 'read' | 'write'): readonly Asked[] =>
  how === undefined ? [] : throughKms(site, role, 'sqs', queue, how);

function moving(call: RecordedCall, caller: Caller): readonly Asked[] {
  const from = queueAt(caller, textIn(call, 'SourceArn'));
  const to = queueAt(caller, textIn(call, 'DestinationArn'));
  return [
    mayBe(caller, 'StartMessageMoveTask', from),
    ...['ReceiveMessage', 'DeleteMessage', 'GetQueueAttributes'].map((action) =>
      mayBe(caller, action, from, REDRIVE),
    ),
    mayBe(caller, 'SendMessage', to, REDRIVE),
    ...messages(caller, from, 'read'),
    ...messages(caller, to, 'write'),
  ];
}
