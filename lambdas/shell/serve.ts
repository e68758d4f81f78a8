import { SQSClient } from '@aws-sdk/client-sqs';
import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { emfMetrics, type EmfMetrics } from '../adapters/emf-metrics/emf-metrics.ts';
import { systemClock, systemRandom } from '../adapters/system/system.ts';
import type { Failure } from '../contracts/failure.ts';
import type { EventOf, EventType } from '../core/events.ts';
import { answerInvocation } from './answer-invocation.ts';
import { storeSettings } from './client-settings.ts';
import { eachRecord } from './each-record.ts';
import { createLog, type Log } from './log.ts';
import { parseDelivery } from './parse-delivery.ts';
import { postponeDelivery } from './postpone-delivery.ts';

/** What every function has: its log and its metrics. */
export interface Shell {
  readonly log: Log;
  readonly metrics: EmfMetrics;
}

interface Named {
  readonly LOCKSTEP_ENVIRONMENT: string;
  readonly LOCKSTEP_FUNCTION: string;
}

// Standard output is what Lambda takes to CloudWatch, line by line.
const write = (line: string): void => void process.stdout.write(`${line}\n`);

/** Log and metrics of one function. */
export function openShell({ LOCKSTEP_ENVIRONMENT: environment, LOCKSTEP_FUNCTION: name }: Named): Shell {
  return {
    log: createLog({ level: 'info', clock: systemClock, write, always: { environment, function: name } }),
    metrics: emfMetrics({ environment, clock: systemClock, write }),
  };
}

/** Runs one invocation, and writes its metrics whatever became of it: Lambda may freeze right after. */
async function measured<T>({ metrics }: Shell, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } finally {
    metrics.flush();
  }
}

/** A function that is invoked by one of ours, which waits for the answer; our own errors cross with their remedy. */
export const serveInvocation =
  <In, Out>(shell: Shell, work: (input: In) => Promise<Out>) =>
  (input: In): Promise<Out | Failure> =>
    measured(shell, () => answerInvocation(shell.log, () => work(input)));

/** A function that is invoked by AWS, to which only a thrown error is a failure. */
export const serveCaller =
  <In, Out>(shell: Shell, work: (input: In) => Promise<Out>) =>
  (input: In): Promise<Out> =>
    measured(shell, () =>
      work(input).catch((error: unknown) => {
        shell.log.failure('invocation failed', error);
        throw error;
      }),
    );

/** A function that a queue feeds with messages. */
export const serveMessages = (
  shell: Shell,
  { QUEUE_URL }: { readonly QUEUE_URL: string },
  work: (body: string) => Promise<unknown>,
): ((batch: SQSEvent) => Promise<SQSBatchResponse>) => {
  const postpone = postponeDelivery(new SQSClient(storeSettings()), QUEUE_URL);
  const dropped = (code: string): void => shell.metrics.count('lockstep_messages_dropped', { code });
  return (batch) =>
    measured(shell, () =>
      eachRecord({ log: shell.log, random: systemRandom, postpone, dropped }, batch, work),
    );
};

/** A function that a queue feeds with events of ours, of the types that it handles. */
export const serveQueue = <T extends EventType>(
  shell: Shell,
  env: { readonly QUEUE_URL: string },
  types: readonly T[],
  work: (event: EventOf<T>) => Promise<unknown>,
): ((batch: SQSEvent) => Promise<SQSBatchResponse>) =>
  serveMessages(shell, env, (body) => work(parseDelivery(body, ...types)));
