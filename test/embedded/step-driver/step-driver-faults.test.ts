import { expect, it } from 'vitest';
import { Secret } from '../../../lambdas/core/secret.ts';
import type { StepRequest } from '../../../lambdas/core/ports/targets.ts';
import { token } from '../../fakes/counted-ids.ts';
import { FakeClock } from '../../fakes/fake-clock.ts';
import { faulty, noFaults, withEveryFault, type FaultPlan } from '../../fakes/faulty.ts';
import { MemoryRotationJobs, MemoryVault } from '../../fakes/memory-vault.ts';
import { driveWith } from '../../ports/rotating-world.ts';

const SECRET = 'lockstep/test/vector-store';

/** A vault that was adopted, a queue, and processes over them that come and go. */
async function aWorld() {
  const vault = new MemoryVault();
  const clock = new FakeClock();
  const jobs = new MemoryRotationJobs();
  const arn = vault.createSecret(SECRET);
  await vault.putFirst(SECRET, token(1), new Secret('not-a-real-secret 1'));
  await vault.driven.configure(arn, { functionArn: 'arn:function', everyDays: 90 });
  const aProcess = (plan: FaultPlan) => {
    const driven = driveWith({
      vault: faulty('vault', vault.driven, plan),
      jobs: faulty('ledger', jobs, plan),
      clock,
    });
    driven.rotateWith(rotate(vault));
    return driven;
  };
  return { vault, jobs, aProcess };
}

const rotate =
  (vault: MemoryVault) =>
  async ({ step, token: each }: StepRequest): Promise<void> => {
    if (vault.holderOf(SECRET, 'AWSCURRENT') === each) return;
    if (step === 'createSecret')
      await vault.putPending(SECRET, each, new Secret(`not-a-real-secret ${each}`));
    if (step === 'finishSecret') await vault.moveCurrent(SECRET, { to: each, from: token(1) });
  };

it('finishes a rotation, whichever call of the driver to its vault and its queue goes wrong and however', async () => {
  const calls = await withEveryFault(async (plan, fault) => {
    const { vault, jobs, aProcess } = await aWorld();
    const first = aProcess(plan);
    const answer = await first.driver.start(SECRET, { token: token(2), immediately: true }).then(
      () => 'started',
      () => 'no answer',
    );
    // A process that lives goes on by itself; one that is dead is followed by another.
    await first.settle(() => plan.isDead);
    await first.driver.stop();
    const second = aProcess(noFaults());
    await second.driver.resume();
    // Who got no answer asks again, with the same token.
    if (answer === 'no answer') await second.driver.start(SECRET, { token: token(2), immediately: true });
    await second.settle();
    await second.driver.stop();
    expect([fault, vault.holderOf(SECRET, 'AWSCURRENT')]).toEqual([fault, token(2)]);
    expect([fault, await jobs.list()]).toEqual([fault, []]);
    vault.judge.assertClean();
  });
  expect(calls).toBeGreaterThan(5);
});

it('never leaves a pending version that no job knows, even where nobody asks again', async () => {
  await withEveryFault(
    async (plan, fault) => {
      const { vault, aProcess } = await aWorld();
      const first = aProcess(plan);
      await first.driver.start(SECRET, { token: token(2), immediately: true }).catch(() => undefined);
      await first.settle(() => plan.isDead);
      await first.driver.stop();
      const second = aProcess(noFaults());
      await second.driver.resume();
      await second.settle();
      await second.driver.stop();
      // Either nothing has begun, or it was finished.
      const [pending, current] = [vault.holderOf(SECRET, 'AWSPENDING'), vault.holderOf(SECRET, 'AWSCURRENT')];
      expect([fault, pending]).toEqual([fault, pending === undefined ? undefined : current]);
    },
    ['die-before', 'die-after'],
  );
});
