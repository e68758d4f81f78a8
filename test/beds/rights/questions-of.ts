import { NotUnderstood } from '../../rights/not-understood.ts';
import { dynamodbCalls } from './calls/dynamodb.ts';
import { eventCalls } from './calls/events.ts';
import { bucketCalls, kmsCalls, lambdaCalls, topicCalls } from './calls/others.ts';
import { queueCalls } from './calls/queues.ts';
import { schedulerCalls } from './calls/scheduler.ts';
import { secretsManagerCalls } from './calls/secrets-manager.ts';
import type { Translation } from './calls/translation.ts';
import { nameOf } from './recorded-call.ts';

const SERVICES: Readonly<Record<string, Translation>> = {
  dynamodb: dynamodbCalls,
  events: eventCalls,
  kms: kmsCalls,
  lambda: lambdaCalls,
  s3: bucketCalls,
  scheduler: schedulerCalls,
  secretsmanager: secretsManagerCalls,
  sns: topicCalls,
  sqs: queueCalls,
};

/**
 * The questions that AWS puts to IAM for a call: its own action, and what it makes other services do in the caller's
 * name. Pure. Throws `NotUnderstood` for a service or operation that nobody has described.
 */
export const questionsOf: Translation = (call, caller) => {
  const translation = SERVICES[call.service];
  if (!translation) throw new NotUnderstood(`${nameOf(call)} is not described`);
  return translation(call, caller);
};
