import { describe, expect, it } from 'vitest';
import { secretName } from '../../lambdas/core/credential.ts';
import { isLockstepError } from '../../lambdas/core/errors.ts';
import { STEPS, type StepName } from '../../lambdas/core/rotation/rotation.ts';
import { token } from '../fakes/counted-ids.ts';
import {
  aWorldOf,
  currentOf,
  expectClean,
  lastRotation,
  reconcileNow,
  rotate,
  standingAt,
  until,
} from '../simulation/stage.ts';
import type { World } from '../simulation/world.ts';

const SECRET = secretName('simulated', 'hook');
const STRANGE = token(801);

/** What becomes of one step that somebody invokes: an error code, or `done`. */
async function invoked(world: World, step: StepName, of: string, secretId = SECRET): Promise<string> {
  try {
    await world.waitFor(world.process.invoke((pipeline) => pipeline.step({ step, secretId, token: of })));
    return 'done';
  } catch (error) {
    if (isLockstepError(error)) return error.code;
    throw error;
  }
}

const all = async (world: World, of: string): Promise<readonly string[]> => {
  const answers: string[] = [];
  for (const step of STEPS) answers.push(await invoked(world, step, of));
  return answers;
};

/** Everything that a step could have changed. */
const traces = (world: World): string =>
  JSON.stringify([
    world.stores.vault.writes,
    world.stores.ledger.rows('rotation'),
    world.stores.audit.entries('hook'),
  ]);

/** A pending version that Secrets Manager has registered, and nobody asked us for. */
async function pending(world: World, of: string, withValue = false): Promise<void> {
  const { arn } = await world.stores.vault.describe(SECRET);
  await world.stores.vault.driven.registerPending(arn, of, withValue);
}

describe('a step is refused before any effect', () => {
  it('for a secret that nobody declared, and for a version that is not there', async () => {
    const world = await aWorldOf('hook', 'prompt');
    const before = traces(world);
    expect(await invoked(world, 'createSecret', STRANGE, 'lockstep/simulated/other')).toBe(
      'UNKNOWN_CREDENTIAL',
    );
    expect(await all(world, STRANGE)).toEqual(Array(4).fill('UNKNOWN_VERSION'));
    expect(traces(world)).toBe(before);
  });

  it('where rotation was switched off, and passes where it was never configured', async () => {
    const world = await aWorldOf('hook', 'prompt');
    await pending(world, STRANGE);
    world.stores.vault.setRotationEnabled(SECRET, false);
    const before = traces(world);
    expect(await all(world, STRANGE)).toEqual(Array(4).fill('ROTATION_DISABLED'));
    expect(traces(world)).toBe(before);

    world.stores.vault.setRotationEnabled(SECRET, undefined);
    expect(await invoked(world, 'testSecret', STRANGE)).toBe('done');
  });

  it('for a replicated secret, by name', async () => {
    const world = await aWorldOf('hook', 'prompt');
    await pending(world, STRANGE);
    const { vault } = world.stores;
    const describeIt = vault.describe.bind(vault);
    vault.describe = async (secretId) => ({ ...(await describeIt(secretId)), replicaRegions: ['eu-west-1'] });
    const before = traces(world);
    expect(await all(world, STRANGE)).toEqual(Array(4).fill('NOT_SUPPORTED'));
    expect(traces(world)).toBe(before);
  });

  it('for a version that is neither pending nor current', async () => {
    const world = await aWorldOf('hook', 'prompt');
    const installing = await standingAt(world, 'target.install', 'before', () => rotate(world, 'hook'));
    const { token: rotation } = lastRotation(world, 'hook');
    await world.stores.vault.relabel(SECRET, 'AWSPREVIOUS', rotation);
    await world.stores.vault.removePending(SECRET, rotation);
    expect(await all(world, rotation)).toEqual(Array(4).fill('LABEL_CONFLICT'));
    installing.goOn();
  });
});

describe('a step of a rotation that is over', () => {
  it.each([
    ['abandoned', 'roll-back before promotion'],
    ['rolled-back', 'roll-back after it'],
  ] as const)('is refused for ever where it was %s (%s)', async (phase, _how) => {
    const world = await aWorldOf('hook', 'prompt');
    const order = { order: 'roll-back', credential: 'hook', reason: 'a test' } as const;
    if (phase === 'abandoned') {
      const starting = await standingAt(world, 'vault.startRotation', 'before', () => rotate(world, 'hook'));
      await world.order(order);
      starting.goOn();
    } else {
      await rotate(world, 'hook');
      await until(world, 'hook', ['adopted'], 1);
      await world.order(order);
      await until(world, 'hook', ['rolled-back']);
    }
    await world.pass(700);
    const { token: spent } = lastRotation(world, 'hook');
    await world.stores.vault.relabel(SECRET, 'AWSPENDING', spent).catch(() => pending(world, spent));
    if (!(await world.stores.vault.describe(SECRET)).versions[spent]) await pending(world, spent);

    const before = traces(world);
    expect(await all(world, spent)).toEqual(Array(4).fill('ROTATION_ENDED'));
    expect(traces(world)).toBe(before);
  });

  it('is refused for ever where it was retired and another version is current by now', async () => {
    const world = await aWorldOf('hook', 'prompt');
    await rotate(world, 'hook');
    const { token: spent } = await until(world, 'hook', ['retired']);
    await rotate(world, 'hook');
    await until(world, 'hook', ['retired']);
    await world.stores.vault.relabel(SECRET, 'AWSPENDING', spent);
    expect(await all(world, spent)).toEqual(Array(4).fill('ROTATION_ENDED'));
  });

  it('is refused while it is being rolled back', async () => {
    const world = await aWorldOf('hook', 'silent');
    await rotate(world, 'hook');
    await until(world, 'hook', ['adopting'], 1);
    await world.order({ order: 'roll-back', credential: 'hook', reason: 'a test' });
    await world.pass(60);
    const { token: spent, phase } = lastRotation(world, 'hook');
    expect(phase).toBe('rolling-back');
    await world.stores.vault.relabel(SECRET, 'AWSPENDING', spent);
    expect(await all(world, spent)).toEqual(Array(4).fill('ROTATION_ENDED'));
  });
});

describe('a step out of its order', () => {
  it('is refused where it comes before the one that it builds on', async () => {
    const world = await aWorldOf('hook', 'prompt');
    const starting = await standingAt(world, 'target.issue', 'before', () => rotate(world, 'hook'));
    const { token: rotation } = lastRotation(world, 'hook');
    expect(await invoked(world, 'setSecret', rotation)).toBe('OUT_OF_ORDER');
    expect(await invoked(world, 'testSecret', rotation)).toBe('OUT_OF_ORDER');
    expect(await invoked(world, 'finishSecret', rotation)).toBe('OUT_OF_ORDER');
    starting.goOn();
    await until(world, 'hook', ['retired']);
    expectClean(world);
  });
});

describe('a step of a rotation that is finished', () => {
  it('is a quiet success, in any order, however often', async () => {
    const world = await aWorldOf('hook', 'prompt');
    await rotate(world, 'hook');
    const { token: rotation } = await until(world, 'hook', ['retired']);
    const before = traces(world);
    expect(await all(world, rotation)).toEqual(Array(4).fill('done'));
    expect(await all(world, rotation)).toEqual(Array(4).fill('done'));
    expect(traces(world)).toBe(before);
  });
});

describe('a token that nobody asked us for', () => {
  it('is a test of the configuration where it comes with testSecret: nothing is written', async () => {
    const world = await aWorldOf('store', 'prompt');
    const secret = secretName('simulated', 'store');
    const { arn } = await world.stores.vault.describe(secret);
    for (const withValue of [false, true]) {
      await world.stores.vault.driven.registerPending(arn, STRANGE, withValue);
      const before = traces(world);
      expect(await invoked(world, 'testSecret', STRANGE, secret)).toBe('done');
      expect(traces(world)).toBe(before);
      await world.stores.vault.removePending(secret, STRANGE);
    }
  });

  it('fails that test where the current login is refused, and where the authority’s is', async () => {
    const world = await aWorldOf('store', 'prompt');
    const secret = secretName('simulated', 'store');
    const { arn } = await world.stores.vault.describe(secret);
    await world.stores.vault.driven.registerPending(arn, STRANGE, false);
    const refused: string[] = [];
    for (const kind of ['db', 'db-admin']) {
      const target = world.stores.targetOf({ kind });
      const accepts = target.accepts.bind(target);
      target.accepts = () => false;
      refused.push(await invoked(world, 'testSecret', STRANGE, secret));
      target.accepts = accepts;
    }
    expect(refused).toEqual(['SUCCESSOR_REJECTED', 'SUCCESSOR_REJECTED']);
  });

  it('is not rotated to where it begins in the middle', async () => {
    const world = await aWorldOf('hook', 'prompt');
    await pending(world, STRANGE);
    const before = traces(world);
    expect(await invoked(world, 'setSecret', STRANGE)).toBe('OUT_OF_ORDER');
    expect(await invoked(world, 'finishSecret', STRANGE)).toBe('OUT_OF_ORDER');
    expect(traces(world)).toBe(before);
  });
});

describe('the backstop schedule of Secrets Manager', () => {
  it('passes the same gate as anybody, and its rotation goes all the way round', async () => {
    const world = await aWorldOf('hook', 'prompt');
    await pending(world, STRANGE);
    expect(await invoked(world, 'createSecret', STRANGE)).toBe('done');
    for (const step of STEPS.slice(1)) expect(await invoked(world, step, STRANGE)).toBe('done');
    const ended = await until(world, 'hook', ['retired']);
    expect(ended).toMatchObject({ token: STRANGE, cause: 'backstop' });
    expect(currentOf(world, 'hook')).toBe(STRANGE);
    expectClean(world);
  });

  it('is refused under a hold, before any effect, and reconcile strips what it leaves', async () => {
    const world = await aWorldOf('hook', 'prompt');
    await world.order({ order: 'hold', credential: 'hook', reason: 'release day' });
    await pending(world, STRANGE);
    expect(await invoked(world, 'createSecret', STRANGE)).toBe('HELD');
    expect(world.stores.ledger.rows('rotation')).toEqual([]);
    expect(await reconcileNow(world, 'hook')).toEqual(['hook: stripped']);
    expectClean(world);
  });

  it('is refused while the predecessor may still be used', async () => {
    const world = await aWorldOf('hook', 'silent');
    await rotate(world, 'hook');
    await until(world, 'hook', ['adopting'], 1);
    await pending(world, STRANGE);
    expect(await invoked(world, 'createSecret', STRANGE)).toBe('PREDECESSOR_IN_USE');
    expect(world.stores.vault.valueOf(SECRET, STRANGE)).toBeUndefined();
    expectClean(world);
  });
});
