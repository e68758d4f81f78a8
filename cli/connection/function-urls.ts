import { GetFunctionUrlConfigCommand, type LambdaClient } from '@aws-sdk/client-lambda';
import { functionName } from '../../lambdas/contracts/names.ts';
import { LockstepError } from '../../lambdas/core/errors.ts';
import type { Stage } from '../workspace/find-stage.ts';
import { awsError } from './aws-error.ts';
import type { Door } from './doors.ts';

/**
 * Finds the URL of a door. The function is named by its whole ARN, so that credentials of another account are
 * refused instead of finding that account's function.
 */
export async function findUrl(client: LambdaClient, stage: Stage, door: Door): Promise<string> {
  const { environment, account, region } = stage;
  const arn = `arn:aws:lambda:${region}:${account}:function:${functionName(environment, door.name)}`;
  const qualifier = door.alias === undefined ? {} : { Qualifier: door.alias };
  const answer = await client
    .send(new GetFunctionUrlConfigCommand({ FunctionName: arn, ...qualifier }))
    .catch((error: unknown) => Promise.reject(awsError(error, stage, door)));
  if (answer.FunctionUrl) return answer.FunctionUrl;
  throw new LockstepError('NOTHING_REACHABLE', `AWS names no URL of ${arn}; deploy ${environment} again`);
}
