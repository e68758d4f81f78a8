import { expect, it } from 'vitest';
import { STEPS, type StepName } from '../../../../lambdas/core/rotation/rotation.ts';
import { errorAnswer, type Interceptor } from '../../proxy/bed-proxy.ts';
import type { DeployedStage, Services } from '../open-stage.ts';
import { functionOf } from '../recorder.ts';
import { backstopIsRefused, askByEvent } from './asking.ts';
import { rotate, statusOf, until, untilPhase } from './rotation-of.ts';

/** Every AWS call of a function in a step fails, once for each of the four steps. */
function failEachStepOnce(stage: DeployedStage, secretArn: () => string | undefined): Interceptor {
  const failed = new Set<StepName>();
  let failing: { readonly step: StepName; readonly invocation: number } | undefined;
  return (call, pass) => {
    const arn = secretArn();
    const step = arn === undefined ? undefined : stage.rotations.underWay.get(arn);
    if (functionOf(call.application) !== 'target-postgres' || step === undefined) return pass(call);
    const invocation = stage.rotations.steps.filter(({ secretId }) => secretId === arn).length;
    if (!failed.has(step)) {
      failed.add(step);
      failing = { step, invocation };
    }
    const isFailing = failing?.step === step && failing.invocation === invocation;
    return isFailing && call.action === 'DescribeSecret'
      ? Promise.resolve(errorAnswer('InternalServiceError', 'an error of the test', 500))
      : pass(call);
  };
}

/** A real PostgreSQL credential, with its authority, through everything that was deployed. */
export function databaseStories(stage: () => DeployedStage, services: () => Services): void {
  it('the authority of the database changes its own password in place', async () => {
    const admin = stage().as('platform-admin');
    await rotate(admin, 'rag-db-admin');
    const { rotation } = await untilPhase(admin, 'rag-db-admin', ['retired']);
    expect(rotation?.provenRefusedAt).toBeDefined();
  });

  it('a login goes all the way round, through a function error in each step, and nobody fails an attempt', async () => {
    const { faults, rotations, as, targets } = stage();
    const admin = as('platform-admin');
    await untilPhase(admin, 'rag-db-admin', ['retired']);
    const before = await statusOf(admin, 'vector-store');
    let token = '';
    const fault = failEachStepOnce(
      stage(),
      () =>
        rotations.steps.find((seen) => seen.token === token)?.secretId ?? secretOf(stage(), 'vector-store'),
    );
    faults.push(fault);
    token = await rotate(admin, 'vector-store');
    const promoted = await untilPhase(admin, 'vector-store', ['adopting', 'adopted']);
    faults.splice(faults.indexOf(fault), 1);

    // what comes too early is refused: by the function that is asked, and by the one that admits
    expect(await backstopIsRefused(stage(), 'vector-store')).toBe(true);
    await askByEvent(stage(), 'vector-store');
    await until(
      'the deployment’s wish is refused',
      () => admin.query('history', { credential: 'vector-store' }),
      ({ refusals }) =>
        refusals.some(({ cause, code }) => cause === 'deploy' && code === 'PREDECESSOR_IN_USE'),
    );

    // each step has failed as a function, and the whole was played again from createSecret
    const failed = rotations.steps.filter((seen) => seen.token === token && seen.failed);
    expect(new Set(failed.map(({ step }) => step))).toEqual(new Set(STEPS));
    expect(promoted.currentKey).not.toBe(before.currentKey);

    // told by webhook and proved by an acknowledgement; told by nobody and seen by its sessions
    const { rotation } = await untilPhase(admin, 'vector-store', ['retired'], 900);
    expect(rotation?.adopted).toMatchObject(
      expect.arrayContaining([
        expect.objectContaining({ dependent: 'rag-api', by: 'acknowledgement' }),
        expect.objectContaining({ dependent: 'embedder', by: 'evidence' }),
      ]),
    );
    expect(rotation?.provenRefusedAt).toBeDefined();
    const { canLogin } = await targets.database.bed.slot(String(before.currentKey));
    expect(canLogin).toBe(false);
    for (const name of ['rag-api', 'embedder'] as const) {
      const attempts = services()[name].attempts();
      expect(attempts.filter(({ outcome, what }) => outcome === 'failed' && what !== 'read')).toEqual([]);
      expect(attempts.filter(({ outcome }) => outcome === 'served').length).toBeGreaterThan(50);
    }
  });
}

const secretOf = ({ rotations }: DeployedStage, credential: string): string | undefined =>
  [...rotations.underWay.keys()].find((arn) => arn.includes(`/${credential}-`));
