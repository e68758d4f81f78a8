import { describe, expect, it } from 'vitest';
import { secretName } from '../../lambdas/core/credential.ts';
import {
  aWorld,
  currentOf,
  dieAt,
  expectClean,
  lastRotation,
  rotate,
  standingAt,
  until,
  untilSo,
} from '../simulation/stage.ts';
import type { World } from '../simulation/world.ts';

/** Somebody holds a session with this version, as one of the dependents does or as a stranger. */
function session(world: World, version: string, applicationName: string) {
  const value = world.stores.vault.valueOf(secretName('simulated', 'store'), version);
  const target = world.stores.targetOf({ kind: 'db' });
  const opened = value && target.connect('store', value, applicationName);
  if (!opened) throw new RangeError('no such session could be opened');
  return { close: () => target.disconnect(opened) };
}

const works = (world: World, version: string): boolean => {
  const value = world.stores.vault.valueOf(secretName('simulated', 'store'), version);
  return value !== undefined && world.stores.targetOf({ kind: 'db' }).accepts('store', value);
};

const isExpectation = ([writes]: readonly unknown[]): boolean =>
  (writes as readonly { readonly family: string }[]).some(({ family }) => family === 'expectation');

describe('un-adoption', () => {
  it('waits again for whoever was seen, with a new expectation, and retires in the end', async () => {
    const world = await aWorld({ store: ['prompt', 'keeper'] });
    await rotate(world, 'store');

    const isUnadopted = (): boolean => lastRotation(world, 'store').expectation?.endsWith('#2') === true;
    await untilSo(world, isUnadopted, 'somebody is seen');
    const unadopted = lastRotation(world, 'store');
    expect(unadopted.phase).toBe('adopting');
    expect(Object.keys(unadopted.adoption)).toEqual(['store-0-prompt']);

    await until(world, 'store', ['retired']);
    expectClean(world);
  });

  it('un-adopts nobody for the session of a stranger, and keeps the predecessor while it lasts', async () => {
    const world = await aWorld({ store: ['prompt'] });
    const first = currentOf(world, 'store') ?? '';
    await rotate(world, 'store');
    await until(world, 'store', ['adopted']);
    const stranger = session(world, first, 'a report that nobody declared');

    await world.pass(1800);
    expect(lastRotation(world, 'store').phase).toBe('adopting');
    expect(Object.keys(lastRotation(world, 'store').adoption)).toEqual(['store-0-prompt']);
    expect(works(world, first)).toBe(true);

    stranger.close();
    await until(world, 'store', ['retired']);
    expectClean(world);
  });
});

describe('un-adoption beside others', () => {
  it('leaves the predecessor working also when somebody else was disabling it meanwhile', async () => {
    // given one who has seen a session and is about to write that down, and another who disables after it has gone
    const world = await aWorld({ store: ['prompt'] });
    const first = currentOf(world, 'store') ?? '';
    await rotate(world, 'store');
    await until(world, 'store', ['adopted']);
    const seen = session(world, first, 'store-0-prompt');
    const writing = world.standstills.at('ledger.commit', 'before', isExpectation);
    await untilSo(world, () => writing.isReached, 'the un-adoption');
    seen.close();
    const { token } = lastRotation(world, 'store');
    const disabling = await standingAt(world, 'target.disable', 'after', () =>
      world.send('rotation.advanced', { credential: 'store', rotation: token }),
    );

    // when both go on
    writing.goOn();
    await world.pass(1);
    disabling.goOn();
    await world.pass(20);

    // then whoever is waited for finds it working
    const { phase } = lastRotation(world, 'store');
    expect([phase, works(world, first)]).toEqual([phase, phase === 'adopting' || phase === 'adopted']);
    await until(world, 'store', ['retired']);
    expectClean(world);
  });

  it('that died behind its expectation does not lend it to the way back', async () => {
    // given an un-adoption that has written what it expects of the successor, and nothing else
    const world = await aWorld({ store: ['prompt', 'keeper'] });
    await rotate(world, 'store');
    await until(world, 'store', ['adopted']);
    const expecting = world.standstills.at('ledger.commit', 'after', isExpectation);
    await untilSo(world, () => expecting.isReached, 'the expectation');
    world.kill();
    expecting.goOn();

    // when the rotation is rolled back instead
    await world.order({ order: 'roll-back', credential: 'store', reason: 'a test' });
    await world.pass(60);

    // then the dependents are expected to prove the predecessor, every one of them
    const rotation = lastRotation(world, 'store');
    const expectation = world.stores.ledger.rows('expectation').find(({ id }) => id === rotation.expectation);
    expect(expectation?.body).toMatchObject({
      version: rotation.predecessor?.version,
      change: 'rolled-back',
    });
    expect(Object.keys(expectation?.body.expected ?? {})).toEqual(['store-0-prompt', 'store-1-keeper']);
    await until(world, 'store', ['rolled-back'], 60);
    expectClean(world);
  });

  it.each([
    ['target.observe', 'after'],
    ['target.enable', 'after'],
    ['audit.append', 'after'],
    ['ledger.commit', 'before'],
    ['ledger.commit', 'after'],
  ] as const)('goes on where the process died: %s, %s', async (call, moment) => {
    const world = await aWorld({ store: ['keeper'] });
    await rotate(world, 'store');
    await until(world, 'store', ['adopted']);
    await dieAt(world, call, moment);
    const { phase } = await until(world, 'store', ['retired']);
    expect(phase).toBe('retired');
    expectClean(world);
  });
});
