import { InvokeCommand, type InvokeCommandOutput, type LambdaClient } from '@aws-sdk/client-lambda';
import { readAnswer } from '../../contracts/failure.ts';
import { leaseRequestText, parseLeaseAnswer } from '../../contracts/lease-request.ts';
import { foreignName, LockstepError } from '../../core/errors.ts';
import type {
  LeaseCommand,
  LeaseCommandName,
  LeaseCommands,
  LeaseFunctions,
} from '../../core/ports/lease-functions.ts';

/** What addressing the lease functions needs from outside. */
export interface LambdaLeaseFunctionsOptions {
  /**
   * Configured with one attempt and a timeout longer than the lease functions' own: a second request would run the
   * command twice at once, and a shorter wait would forget one that is still running.
   */
  readonly client: LambdaClient;
  /** Name or ARN of the function that makes leases of a kind. */
  readonly functionOf: (kind: string) => string;
}

/** `LeaseFunctions` by invoking each kind's function and waiting for its answer. Neither is kept nor written down. */
export function lambdaLeaseFunctions({ client, functionOf }: LambdaLeaseFunctionsOptions): LeaseFunctions {
  return {
    async call(kind, command) {
      const subject = `${command.do} for ${command.leasable}`;
      const request = new InvokeCommand({
        FunctionName: functionOf(kind),
        InvocationType: 'RequestResponse',
        // The compiler cannot follow that name and fields belong together; the signature of `call` has made sure of it.
        Payload: Buffer.from(leaseRequestText(command as unknown as LeaseCommand)),
      });
      const answer = await client
        .send(request)
        .catch((error: unknown) => Promise.reject(unreachable(subject, kind, foreignName(error), error)));
      return answerOf(answer, command.do, kind, subject);
    },
  };
}

function answerOf<C extends LeaseCommandName>(
  { Payload: payload, FunctionError: crashed }: InvokeCommandOutput,
  command: C,
  kind: string,
  subject: string,
): LeaseCommands[C]['answers'] {
  const answer = readAnswer(payload?.transformToString('utf-8') ?? '');
  if (answer.kind === 'failure') throw answer.error;
  // It timed out, ran out of memory or threw what is not ours: its effect may be there. The text of a
  // foreign error is not read, it may quote what the function was working on.
  if (crashed !== undefined) throw unreachable(subject, kind, 'the function failed without an answer');
  if (answer.kind === 'unreadable') throw unreachable(subject, kind, 'its answer cannot be read');
  return parseLeaseAnswer(command, answer.value);
}

function unreachable(subject: string, kind: string, why: string, cause?: unknown): LockstepError {
  const message = `no usable answer from lease-${kind} to ${subject} (${why}); its effect is unknown`;
  return new LockstepError('TARGET_UNREACHABLE', message, { cause });
}
