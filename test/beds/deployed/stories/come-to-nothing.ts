import { DescribeSecretCommand } from '@aws-sdk/client-secrets-manager';
import { expect, it } from 'vitest';
import { errorAnswer, type Interceptor } from '../../proxy/bed-proxy.ts';
import type { DeployedStage } from '../open-stage.ts';
import { functionOf } from '../recorder.ts';
import { putPending, secretArn } from './asking.ts';
import { rotate, statusOf, until, untilPhase } from './rotation-of.ts';

/** Every read of a value that a function makes in a step about one secret fails, until it is taken out. */
const failingStep = (
  { rotations }: DeployedStage,
  application: string,
  arn: string,
  step: 'testSecret',
): Interceptor => {
  return (call, pass) =>
    functionOf(call.application) === application &&
    call.action === 'GetSecretValue' &&
    rotations.underWay.get(arn) === step
      ? Promise.resolve(errorAnswer('InternalServiceError', 'an error of the test', 500))
      : pass(call);
};

/** Rotations that come to nothing: a version in the way that was never given a value, and one that is given up before anybody used it. */
export function storiesOfNothing(stage: () => DeployedStage): void {
  it('what a refused rotation left pending is taken off, and a rotation that never passes its test is given up', async () => {
    const { as, faults } = stage();
    const admin = as('platform-admin');
    const arn = await secretArn(stage(), 'spare-hook');
    // what a refused rotation leaves: a version without a value
    const left = await putPending(stage(), 'spare-hook');
    const fault = failingStep(stage(), 'target-random', arn, 'testSecret');
    faults.push(fault);
    const { current: before } = await statusOf(admin, 'spare-hook');

    const token = await rotate(admin, 'spare-hook');
    await until(
      'its successor is installed, and fails its test',
      () => statusOf(admin, 'spare-hook'),
      ({ rotation }) => rotation?.token === token && rotation.phase === 'failed',
    );
    expect(await stagesOf(stage(), arn, left)).toEqual([]);

    await admin.order({ order: 'roll-back', credential: 'spare-hook', reason: 'it never passes its test' });
    const after = await untilPhase(admin, 'spare-hook', ['abandoned']);
    faults.splice(faults.indexOf(fault), 1);
    expect(after.current).toBe(before);
    await until(
      'nothing is pending any more',
      () => stagesOf(stage(), arn, token),
      (stages) => stages.length === 0,
    );

    // what was given up stands in nobody's way
    await rotate(admin, 'spare-hook');
    const { rotation } = await untilPhase(admin, 'spare-hook', ['adopted', 'disabled', 'retired'], 400);
    expect(rotation?.adopted).toMatchObject([{ dependent: 'summariser', by: 'acknowledgement' }]);
  });
}

/** The labels of one version. */
async function stagesOf(stage: DeployedStage, arn: string, version: string): Promise<readonly string[]> {
  const { VersionIdsToStages = {} } = await stage.clients.secrets.send(
    new DescribeSecretCommand({ SecretId: arn }),
  );
  return VersionIdsToStages[version] ?? [];
}
