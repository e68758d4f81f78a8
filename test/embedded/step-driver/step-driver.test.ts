import { describe, expect, it } from 'vitest';
import type { StepRequest } from '../../../lambdas/core/ports/targets.ts';
import { LockstepError } from '../../../lambdas/core/errors.ts';
import { Secret } from '../../../lambdas/core/secret.ts';
import { token } from '../../fakes/counted-ids.ts';
import { quiet } from '../../fakes/fake-clock.ts';
import {
  driveWith,
  embeddedRotatingWorld,
  memoryRotatingWorld,
  type RotatingWorld,
  type WorldOptions,
} from '../../ports/rotating-world.ts';
import { eachTime } from '../../ports/under-test.ts';

/** Adopted: a current version, a function, and nothing pending. */
async function adopted(world: RotatingWorld): Promise<RotatingWorld> {
  await world.vault.putFirst(world.name, token(1), new Secret('not-a-real-secret'));
  const configure = { functionArn: world.functionArn, everyDays: 90 };
  await world.vault.startRotation(world.name, { token: token(2), immediately: false, configure });
  await world.settle();
  return world;
}

/** The steps that are invoked from now on, and how to make some of them fail. */
function recordSteps(
  world: Pick<RotatingWorld, 'rotateWith'>,
  during?: (request: StepRequest) => Promise<void>,
) {
  const steps: string[] = [];
  world.rotateWith(async (request) => {
    steps.push(request.step);
    await during?.(request);
  });
  return steps;
}

const FOUR = ['createSecret', 'setSecret', 'testSecret', 'finishSecret'];
const start = (world: RotatingWorld, number: number): Promise<void> =>
  world.vault.startRotation(world.name, { token: token(number), immediately: true });
const world =
  (options: WorldOptions = {}) =>
  async () =>
    adopted(await memoryRotatingWorld(options));

describe('a driver that is told to be unfriendly', () => {
  const rough: WorldOptions = { temper: { copies: (step) => (step === 'createSecret' ? 3 : 2) } };
  const parallel = eachTime(world(rough));
  let replays = 2;
  const replaying = eachTime(
    world({ temper: { replayAfter: (step) => step === 'testSecret' && replays-- > 0 } }),
  );

  it('invokes a step several times at once, and lets all of them end before the next', async () => {
    let running = 0;
    const most = new Map<string, number>();
    const steps = recordSteps(parallel(), async ({ step }) => {
      running += 1;
      most.set(step, Math.max(most.get(step) ?? 0, running));
      await quiet();
      running -= 1;
    });
    await start(parallel(), 3);
    await parallel().settle();
    expect(Object.fromEntries(most)).toEqual({
      createSecret: 3,
      setSecret: 2,
      testSecret: 2,
      finishSecret: 2,
    });
    expect(steps).toHaveLength(9);
  });

  it('takes the first answer of several for the step', async () => {
    let calls = 0;
    const steps = recordSteps(parallel(), async () => {
      calls += 1;
      if (calls === 2) throw new Error('the second of the three');
    });
    await start(parallel(), 3);
    await parallel().settle();
    expect(steps.filter((step) => step === 'createSecret')).toHaveLength(3);
  });

  it('replays a rotation from createSecret although nothing failed', async () => {
    replays = 2;
    const steps = recordSteps(replaying());
    await start(replaying(), 3);
    await replaying().settle();
    const round = FOUR.slice(0, 3);
    expect(steps).toEqual([...round, ...round, ...FOUR]);
  });
});

describe('a driver that runs testSecret alone', () => {
  it('gives it a copy of the current value, or none', async () => {
    for (const copies of [true, false]) {
      const one = await memoryRotatingWorld({ temper: { copiesValueForTest: () => copies } });
      const seen: string[] = [];
      recordSteps(one, async ({ secretId, token: version }) => {
        const read = one.vault.read(secretId, { version, label: 'AWSPENDING' });
        seen.push(
          await read.then(
            ({ value }) => value.reveal(),
            () => 'no value',
          ),
        );
      });
      await adopted(one);
      expect(seen).toEqual([copies ? 'not-a-real-secret' : 'no value']);
      await one.cleanUp();
    }
  });
});

describe('a driver whose process ends', () => {
  const subject = eachTime(async () => adopted(await embeddedRotatingWorld()));

  it('resumes from the first step, with the same token', async () => {
    const { jobs, clock, vault } = subject();
    let release = (): void => undefined;
    const hanging = new Promise<void>((resolve) => (release = resolve));
    const before = recordSteps(subject(), ({ step }) => (step === 'setSecret' ? hanging : Promise.resolve()));
    await start(subject(), 3);
    await quiet();
    expect(before).toEqual(['createSecret', 'setSecret']);
    // The first process hangs in setSecret; the queue is all that the next one finds of it.
    const next = driveWith({ vault: subject().driven, jobs, clock });
    const after: StepRequest[] = [];
    next.rotateWith(async (request) => void after.push(request));
    await next.driver.resume();
    await next.settle();
    expect(after.map(({ step, token: each }) => [step, each])).toEqual(FOUR.map((step) => [step, token(3)]));
    expect(await jobs.list()).toEqual([]);
    expect((await vault.describe(subject().name)).versions[token(3)]).toEqual(['AWSPENDING']);
    release();
  });

  it('makes the pending version that a start had only noted', async () => {
    const { jobs, clock, vault, name } = subject();
    const { arn } = await vault.describe(name);
    await jobs.save({ arn, token: token(4), does: 'rotate', registered: false, failures: 0 });
    const next = driveWith({ vault: subject().driven, jobs, clock });
    const steps = recordSteps(next);
    await next.driver.resume();
    await next.settle();
    expect(steps).toEqual(FOUR);
    expect((await vault.describe(name)).versions[token(4)]).toEqual(['AWSPENDING']);
  });

  it('lets the step under way end when it is stopped, starts no other, and keeps the job', async () => {
    const { jobs, driver, clock } = subject();
    const steps = recordSteps(subject(), () => clock.sleep(5000));
    await start(subject(), 3);
    await quiet();
    const stopped = driver.stop();
    await clock.advance(10);
    await stopped;
    expect(steps).toEqual(['createSecret']);
    expect(await jobs.list()).toMatchObject([{ token: token(3), failures: 0 }]);
    await expect(start(subject(), 5)).rejects.toMatchObject({ code: 'VAULT_UNAVAILABLE' });
  });
});

describe('a driver whose rotation fails', () => {
  const subject = eachTime(world());

  it('waits longer and longer between attempts', async () => {
    const { clock } = subject();
    const at: number[] = [];
    recordSteps(subject(), async () => {
      at.push(clock.now().getTime());
      throw new Error('never');
    });
    await start(subject(), 3);
    await subject().settle();
    const [first = 0, second = 0, third = 0] = at;
    expect(at).toHaveLength(3);
    // Base 2 seconds, doubled each time, half of it random.
    expect(second - first).toBeGreaterThanOrEqual(1000);
    expect(second - first).toBeLessThanOrEqual(2000);
    expect(third - second).toBeGreaterThanOrEqual(2000);
    expect(third - second).toBeLessThanOrEqual(4000);
  });

  it('tells how each rotation ended, by a code and nothing else', async () => {
    recordSteps(subject(), () => Promise.reject(new LockstepError('TARGET_REFUSES_LOGIN', 'a long story')));
    await start(subject(), 3);
    await subject().settle();
    const { arn } = await subject().vault.describe(subject().name);
    expect(subject().reports.slice(-2)).toEqual([
      { event: 'RotationStarted', arn, token: token(3) },
      { event: 'RotationFailed', arn, token: token(3), code: 'TARGET_REFUSES_LOGIN' },
    ]);
  });

  it('gives up at once when the pending version is taken away', async () => {
    const { vault, name, reports } = subject();
    const steps = recordSteps(subject(), async () => {
      await vault.removePending(name, token(3));
      throw new Error('not now');
    });
    await start(subject(), 3);
    await subject().settle();
    expect(steps).toEqual(['createSecret']);
    expect(reports.at(-1)).toMatchObject({ event: 'RotationAbandoned', token: token(3) });
  });

  it('does not let a rotation that waits to be tried again hold up the next one', async () => {
    const { vault, name, clock } = subject();
    recordSteps(subject(), () => Promise.reject(new Error('not now')));
    await start(subject(), 3);
    await quiet();
    // Breach mode: the pending version is stripped and another rotation is asked for, while the first one sleeps.
    await vault.removePending(name, token(3));
    const begun = clock.now().getTime();
    const steps = recordSteps(subject());
    await start(subject(), 4);
    await quiet();
    expect(steps).toEqual(FOUR);
    expect(clock.now().getTime()).toBe(begun);
  });
});

describe('a driver whose vault does not answer', () => {
  it('does not count that against the rotation', async () => {
    const one = await memoryRotatingWorld();
    await adopted(one);
    let silent = 10;
    const flaky = {
      ...one.driven,
      describe: async (secretId: string) => {
        if (silent-- > 0) throw new LockstepError('VAULT_UNAVAILABLE', 'not now');
        return one.driven.describe(secretId);
      },
    };
    const { arn } = await one.vault.describe(one.name);
    await one.driven.registerPending(arn, token(3), false);
    await one.jobs.save({ arn, token: token(3), does: 'rotate', registered: true, failures: 0 });
    const driven = driveWith({ vault: flaky, jobs: one.jobs, clock: one.clock });
    const steps = recordSteps(driven);
    await driven.driver.resume();
    await driven.settle();
    expect(steps).toEqual(FOUR);
    await one.cleanUp();
  });

  it('drops a job about a secret that is gone', async () => {
    const one = await memoryRotatingWorld();
    await one.jobs.save({ arn: 'arn:gone', token: token(3), does: 'rotate', registered: true, failures: 0 });
    const steps = recordSteps(one);
    await one.driver.resume();
    await one.settle();
    expect(steps).toEqual([]);
    expect(await one.jobs.list()).toEqual([]);
    expect(one.reports.at(-1)).toMatchObject({ event: 'RotationAbandoned', code: 'UNKNOWN_CREDENTIAL' });
    await one.cleanUp();
  });
});
