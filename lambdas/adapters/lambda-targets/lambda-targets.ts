import { InvokeCommand, type InvokeCommandOutput, type LambdaClient } from '@aws-sdk/client-lambda';
import { fit } from '../../contracts/check.ts';
import { readAnswer } from '../../contracts/failure.ts';
import { foreignName, LockstepError } from '../../core/errors.ts';
import type { TargetCommandName, TargetCommands, TargetFunctions } from '../../core/ports/targets.ts';
import { ANSWERS } from './answers.ts';

/** What addressing the target functions needs from outside. */
export interface LambdaTargetsOptions {
  /**
   * Configured with one attempt and a timeout longer than the target functions' own: a second request
   * would run the command twice at once, and a shorter wait would forget one that is still running.
   */
  readonly client: LambdaClient;
  /** Name or ARN of the function that serves a family of kinds. */
  readonly functionOf: (family: string) => string;
}

/** `TargetFunctions` by invoking each family's function and waiting for its answer. */
export function lambdaTargets({ client, functionOf }: LambdaTargetsOptions): TargetFunctions {
  return {
    async call(family, command) {
      const subject = `${command.do} of ${command.credential}`;
      const request = new InvokeCommand({
        FunctionName: functionOf(family),
        InvocationType: 'RequestResponse',
        Payload: Buffer.from(JSON.stringify(command)),
      });
      const answer = await client
        .send(request)
        .catch((error: unknown) => Promise.reject(unreachable(subject, family, foreignName(error), error)));
      return answerOf(answer, command.do, family, subject);
    },
  };
}

function answerOf<C extends TargetCommandName>(
  { Payload: payload, FunctionError: crashed }: InvokeCommandOutput,
  command: C,
  family: string,
  subject: string,
): TargetCommands[C]['answers'] {
  const answer = readAnswer(payload?.transformToString('utf-8') ?? '');
  if (answer.kind === 'failure') throw answer.error;
  // It timed out, ran out of memory or threw what is not ours: its effect may be there. The text of a
  // foreign error is not read, it may quote what the function was working on.
  if (crashed !== undefined) throw unreachable(subject, family, 'the function failed without an answer');
  if (answer.kind === 'unreadable') throw unreachable(subject, family, 'its answer cannot be read');
  const check: (value: unknown, path: string) => TargetCommands[C]['answers'] = ANSWERS[command];
  return fit(check, answer.value, 'TARGET_UNREACHABLE', `the answer of target-${family} to ${subject}`);
}

function unreachable(subject: string, family: string, why: string, cause?: unknown): LockstepError {
  const message = `no usable answer from target-${family} to ${subject} (${why}); its effect is unknown, ask again`;
  return new LockstepError('TARGET_UNREACHABLE', message, { cause });
}
