import { describe, expect, it } from 'vitest';
import { secretName } from '../../lambdas/core/credential.ts';
import {
  aWorld,
  aWorldOf,
  currentOf,
  dependentOf,
  expectClean,
  lastRotation,
  rotate,
  standingAt,
  until,
  untilSo,
} from '../simulation/stage.ts';
import type { World } from '../simulation/world.ts';

const rollBack = (world: World, credential: string) =>
  world.order({ order: 'roll-back', credential, reason: 'a test' });

/** Calls of the ledger by which an invocation begins to take a lock: what it has read before may be old by then. */
const takesLockOf =
  (credential: string) =>
  ([family, about]: readonly unknown[]): boolean =>
    family === 'lock' && about === credential;

const writesRotation = ([writes]: readonly unknown[]): boolean =>
  (writes as readonly { readonly family: string }[]).some(({ family }) => family === 'rotation');

function works(world: World, credential: string, version: string | undefined): boolean {
  const declared = world.inventory.credentials.find(({ name }) => name === credential);
  const value =
    version && world.stores.vault.valueOf(secretName(world.inventory.environment, credential), version);
  return !!declared && !!value && world.stores.targetOf(declared).accepts(credential, value);
}

// A process that stood still and goes on when others have finished: within the time that an invocation has.
describe('a stale promotion', () => {
  it('does not happen to what an operator gives up meanwhile', async () => {
    const world = await aWorldOf('store', 'prompt');
    const promotion = await standingAt(world, 'vault.moveCurrent', 'before', () => rotate(world, 'store'));

    const answer = await rollBack(world, 'store');
    await world.pass(20);
    promotion.goOn();
    await world.pass(600);

    // either it was given up and never promoted, or promoted and never given up
    const { phase, token } = lastRotation(world, 'store');
    expect([typeof answer === 'string', phase === 'abandoned']).toEqual([true, false]);
    expect(currentOf(world, 'store')).toBe(token);
    await until(world, 'store', ['retired']);
    expectClean(world);
  });

  it('does not happen again to what was promoted and rolled back meanwhile', async () => {
    // given two invocations of one finishSecret, of which one stands still while the other promotes
    const world = await aWorld({ store: ['prompt'] }, { climate: { doubledSteps: 1 } });
    const first = currentOf(world, 'store');
    const promotion = await standingAt(world, 'vault.moveCurrent', 'before', () => rotate(world, 'store'));
    await world.pass(2);
    if (lastRotation(world, 'store').phase === 'verified') {
      // the other one has found the lock taken: nobody has promoted, and there is nothing to promote again
      promotion.goOn();
      await until(world, 'store', ['retired']);
      return expectClean(world);
    }

    // when the dependents have been there and back
    await rollBack(world, 'store');
    await world.pass(10);
    promotion.goOn();
    await world.pass(1);

    // then nobody finds the version that is about to be revoked
    expect(currentOf(world, 'store')).toBe(first);
    await until(world, 'store', ['rolled-back']);
    expect(works(world, 'store', currentOf(world, 'store'))).toBe(true);
    expectClean(world);
  });
});

describe('a stale disable', () => {
  it('does not stop the predecessor of a rotation that was rolled back meanwhile', async () => {
    const world = await aWorld({ agents: ['prompt'] }, { mintsReversibly: true });
    const first = currentOf(world, 'agents');
    await rotate(world, 'agents');
    await until(world, 'agents', ['adopted']);
    const disabling = world.standstills.at('ledger.read', 'before', takesLockOf('agents'));
    await untilSo(world, () => disabling.isReached, 'the disable');

    await rollBack(world, 'agents');
    await world.pass(20);
    disabling.goOn();
    await world.pass(5);

    expect(currentOf(world, 'agents')).toBe(first);
    expect(works(world, 'agents', first)).toBe(true);
    await until(world, 'agents', ['rolled-back']);
    expectClean(world);
  });

  it('does not stop the predecessor that was seen in use meanwhile', async () => {
    // given somebody who is about to disable, and a session that somebody else sees
    const world = await aWorldOf('store', 'prompt');
    const first = currentOf(world, 'store') ?? '';
    const target = world.stores.targetOf({ kind: 'db' });
    await rotate(world, 'store');
    await until(world, 'store', ['adopted']);
    const disabling = world.standstills.at('ledger.read', 'before', takesLockOf('store'));
    await untilSo(world, () => disabling.isReached, 'the disable');
    const value = world.stores.vault.valueOf(secretName('simulated', 'store'), first);
    const session = value && target.connect('store', value, 'a stranger');
    await world.send('rotation.advanced', {
      credential: 'store',
      rotation: lastRotation(world, 'store').token,
    });
    await until(world, 'store', ['adopting']);

    // when the session has gone and the first one goes on
    if (session) target.disconnect(session);
    disabling.goOn();
    await world.pass(1);

    // then whoever comes back with the predecessor finds it working until the rotation has moved on
    expect(lastRotation(world, 'store').phase).toBe('adopting');
    expect(works(world, 'store', first)).toBe(true);
    await until(world, 'store', ['retired']);
    expectClean(world);
  });
});

describe('a stale step', () => {
  it('does not install what was given up and cleaned away meanwhile', async () => {
    const world = await aWorldOf('store', 'prompt');
    const installing = world.standstills.at('ledger.read', 'before', takesLockOf('store'));
    const token = await rotate(world, 'store');
    expect(installing.isReached).toBe(true);

    await rollBack(world, 'store');
    await world.pass(20);
    installing.goOn();
    await world.pass(600);

    expect(lastRotation(world, 'store').phase).toBe('abandoned');
    expect(works(world, 'store', token)).toBe(false);
    expectClean(world);
  });

  it('does not mint for what was given up meanwhile, or the mint is reaped', async () => {
    const world = await aWorldOf('agents', 'prompt');
    const minting = await standingAt(world, 'target.issue', 'before', () => rotate(world, 'agents'));

    const given = rollBack(world, 'agents');
    await world.pass(20);
    minting.goOn();
    await given;
    await world.pass(1800);

    expect(world.stores.targetOf({ kind: 'api' }).liveKeys('agents')).toHaveLength(1);
    expectClean(world);
  });
});

describe('a stale process behind the promotion', () => {
  it('whose revocation is overtaken by a roll-back leaves a rotation that still ends', async () => {
    const world = await aWorldOf('store', 'prompt');
    await rotate(world, 'store');
    await until(world, 'store', ['disabled']);
    const revoked = world.standstills.at('target.revoke', 'after');
    await untilSo(world, () => revoked.isReached, 'the revoke');

    // when the predecessor has gone, and the ledger does not know it yet
    await rollBack(world, 'store');
    revoked.goOn();
    const ended = await until(world, 'store', ['retired', 'rolled-back']);

    // then the successor stays, and on-call knows why
    expect(ended.phase).toBe('retired');
    expect(currentOf(world, 'store')).toBe(ended.token);
    expect(ended.endedBecause).toMatch(/revoked/);
    expect(world.stores.pager.incidents).toMatchObject([{ subject: 'store' }]);
    await world.pass(60);
    await rotate(world, 'store');
    await until(world, 'store', ['retired']);
    expectClean(world);
  });

  it('that fans a promotion out does not take the way back for told', async () => {
    const world = await aWorldOf('store', 'prompt');
    const first = currentOf(world, 'store');
    const telling = world.standstills.at('ledger.commit', 'before', (given) => {
      const [writes] = given as [readonly { readonly family: string; readonly body?: { phase?: string } }[]];
      return writes.some(({ family, body }) => family === 'rotation' && body?.phase === 'adopting');
    });
    await rotate(world, 'store');
    expect(telling.isReached).toBe(true);
    const restoring = world.standstills.at('target.enable');

    // when the way back has been ordered, and the predecessor is not restored yet
    await rollBack(world, 'store');
    telling.goOn();
    await world.pass(1);
    restoring.goOn();
    await world.pass(60);

    // then the dependent is told of the way back all the same
    expect(lastRotation(world, 'store').rollback?.returned).toMatchObject({ 'store-0-prompt': {} });
    const told = world.stores.ledger.rows('delivery').map(({ body }) => body.change);
    expect(told).toContain('rolled-back');
    await until(world, 'store', ['rolled-back']);
    expect(dependentOf(world, 'store-0-prompt').versionsInUse()).toEqual([first]);
    expectClean(world);
  });
});

describe('a stale count', () => {
  it('that completes an adoption does not complete the return, whose drain still has to run', async () => {
    const world = await aWorldOf('store', 'prompt');
    await rotate(world, 'store');
    const completing = world.standstills.at('ledger.commit', 'before', (given) => {
      const [writes] = given as [readonly { readonly family: string; readonly body?: { phase?: string } }[]];
      return writes.some(({ family, body }) => family === 'rotation' && body?.phase === 'adopted');
    });
    await untilSo(world, () => completing.isReached, 'the completion');

    await rollBack(world, 'store');
    completing.goOn();

    const { rollback } = await until(world, 'store', ['rolled-back']);
    const proof = rollback?.returned['store-0-prompt']?.at ?? '';
    expect(Date.parse(rollback?.returnedAt ?? '')).toBeGreaterThanOrEqual(Date.parse(proof));
    expectClean(world);
  });

  it('that counts a proof of the successor does not count a return', async () => {
    const world = await aWorldOf('store', 'lagging');
    await rotate(world, 'store');
    await until(world, 'store', ['adopting']);
    const counting = world.standstills.at('ledger.commit', 'before', writesRotation);
    await untilSo(world, () => counting.isReached, 'the count');

    await rollBack(world, 'store');
    counting.goOn();
    await world.pass(1);

    expect(lastRotation(world, 'store').rollback?.returned).toEqual({});
    await until(world, 'store', ['rolled-back']);
    expectClean(world);
  });
});
