import { LambdaClient, type GetFunctionUrlConfigCommand } from '@aws-sdk/client-lambda';
import { expect, it } from 'vitest';
import { brokerDoor } from '../../cli/connection/doors.ts';
import { findUrl } from '../../cli/connection/function-urls.ts';

const STAGE = { environment: 'staging', account: '111111111111', region: 'eu-central-1' };

/** A Lambda that answers once, or fails as AWS names it. */
class OneAnswer extends LambdaClient {
  readonly asked: object[] = [];
  readonly #failure: string | undefined;

  constructor(failure?: string) {
    super({ region: STAGE.region });
    this.#failure = failure;
  }

  override send = (async (command: GetFunctionUrlConfigCommand) => {
    this.asked.push(command.input);
    if (this.#failure !== undefined) throw Object.assign(new Error('foreign'), { name: this.#failure });
    return { FunctionUrl: 'https://broker.lambda-url.eu-central-1.on.aws/' };
  }) as unknown as LambdaClient['send'];
}

it('the broker of a stage is found at the alias whose callers IAM verifies, in that account alone', async () => {
  const lambda = new OneAnswer();
  expect(await findUrl(lambda, STAGE, brokerDoor(STAGE))).toBe(
    'https://broker.lambda-url.eu-central-1.on.aws/',
  );
  expect(lambda.asked).toEqual([
    {
      FunctionName: 'arn:aws:lambda:eu-central-1:111111111111:function:lockstep-staging-grant-lease',
      Qualifier: 'live',
    },
  ]);
});

it('whoever may not find it is told which policy lets them', async () => {
  await expect(
    findUrl(new OneAnswer('AccessDeniedException'), STAGE, brokerDoor(STAGE)),
  ).rejects.toMatchObject({
    code: 'NOT_BOUND',
    message: expect.stringContaining('lockstep-staging-asker') as string,
  });
});
