import { describe, expect, it } from 'vitest';
import { heartbeatSecret } from '../../lambdas/contracts/names.ts';
import { LockstepError, type ErrorCode } from '../../lambdas/core/errors.ts';
import { makeEvent } from '../../lambdas/core/make-event.ts';
import type { MetricName } from '../../lambdas/core/metric-names.ts';
import { TIMES } from '../simulation/cast.ts';
import { aWorld, aWorldOf, rotate, until } from '../simulation/stage.ts';
import type { World } from '../simulation/world.ts';

const DAY = 86_400;

/** What the last pulse has measured, by the time that it has come. */
async function measured(world: World, name: MetricName, labels = {}): Promise<number | undefined> {
  await world.pass(601);
  return world.stores.metrics.last(name, labels);
}

/** A pulse at this very moment. */
async function pulseNow(world: World): Promise<void> {
  const { clock, newId } = world.stores.parts;
  const event = makeEvent({ environment: 'simulated', clock, newId }, 'pulse.due', {});
  await world.process.pipeline.handlers['take-pulse']?.(event);
}

/** The target answers every proof like that. */
function refuseProofs(world: World, code: ErrorCode): void {
  world.stores.targetOf({ kind: 'db' }).verify = () =>
    Promise.reject(new LockstepError(code, 'as the test says'));
}

describe('the pulse counts rotations that fail', () => {
  it('not at all on a fine day', async () => {
    const world = await aWorldOf('store', 'prompt');
    await rotate(world, 'store');
    expect(await measured(world, 'lockstep_rotations_failing')).toBe(0);
  });

  it('as soon as a person has to mend something', async () => {
    const world = await aWorldOf('store', 'prompt');
    world.stores.targetOf({ kind: 'db' }).install = () =>
      Promise.reject(new LockstepError('TARGET_LACKS_GRANT', 'grant it'));
    await rotate(world, 'store');
    await pulseNow(world);
    expect(world.stores.metrics.last('lockstep_rotations_failing')).toBe(1);
  });

  it('when trying again has not helped three times, over replays that begin anew each time', async () => {
    const world = await aWorldOf('store', 'prompt');
    refuseProofs(world, 'TARGET_UNREACHABLE');
    await rotate(world, 'store');
    await pulseNow(world);
    expect(world.stores.metrics.last('lockstep_rotations_failing')).toBe(0);
    // four attempts of Secrets Manager, each from createSecret on
    expect(await measured(world, 'lockstep_rotations_failing')).toBe(1);
    const [rotation] = world.stores.ledger
      .rows('rotation')
      .filter(({ credential }) => credential === 'store');
    expect(rotation?.body).toMatchObject({
      phase: 'failed',
      reached: 'installed',
      failure: { step: 'testSecret', attempts: 4 },
    });
  });
});

describe('the pulse counts', () => {
  it('credentials that are older than their cadence, and says how old each is', async () => {
    const world = await aWorld({ store: ['prompt'], hook: ['prompt'] });
    await world.pass(DAY);
    await rotate(world, 'hook');
    // a tenth of the cadence is what a rotation may take
    expect(await measured(world, 'lockstep_rotations_overdue')).toBe(0);
    expect(
      world.stores.metrics.last('lockstep_credential_age_ratio', { credential: 'store' }),
    ).toBeGreaterThan(1);

    await world.pass(DAY / 10 + 900);

    // the store and its authority
    expect(await measured(world, 'lockstep_rotations_overdue')).toBe(2);
    expect(
      world.stores.metrics.last('lockstep_credential_age_ratio', { credential: 'store' }),
    ).toBeGreaterThan(1.09);
    expect(world.stores.metrics.last('lockstep_credential_age_ratio', { credential: 'hook' })).toBeLessThan(
      0.2,
    );
  });

  it('adoptions that are past their deadline, until somebody decides', async () => {
    const world = await aWorldOf('hook', 'silent');
    await rotate(world, 'hook');
    expect(await measured(world, 'lockstep_adoptions_overdue')).toBe(0);
    await world.pass(TIMES.deadline);
    expect(await measured(world, 'lockstep_adoptions_overdue')).toBe(1);

    const dependents = ['hook-0-silent'];
    await world.order({ order: 'force', credential: 'hook', dependents, reason: 'it is gone' });
    expect(await measured(world, 'lockstep_adoptions_overdue')).toBe(0);
  });

  it('returns that are past their deadline as well', async () => {
    const world = await aWorldOf('hook', 'silent');
    await rotate(world, 'hook');
    await until(world, 'hook', ['adopting'], 1);
    await world.order({ order: 'roll-back', credential: 'hook', reason: 'a test' });
    await world.pass(TIMES.deadline);
    expect(await measured(world, 'lockstep_adoptions_overdue')).toBe(1);
  });

  it('rotations that stand before promotion for longer than one takes', async () => {
    const world = await aWorldOf('store', 'prompt');
    refuseProofs(world, 'TARGET_UNREACHABLE');
    await rotate(world, 'store');
    expect(await measured(world, 'lockstep_pending_stuck')).toBe(0);
    expect(await measured(world, 'lockstep_pending_stuck')).toBe(1);
  });

  it('messages that were given up', async () => {
    const world = await aWorldOf('store', 'prompt');
    expect(await measured(world, 'lockstep_dead_letters')).toBe(0);
    world.stores.outages.add('vault.startRotation');
    await rotate(world, 'store');
    await world.pass(600);
    expect(await measured(world, 'lockstep_dead_letters')).toBe(1);
  });
});

describe('the pulse measures', () => {
  it('how old the newest signed head is, and as late as can be where there is none', async () => {
    const never = await aWorldOf('hook', 'prompt');
    never.stores.outages.add('heads.put');
    expect(await measured(never, 'lockstep_seal_age_seconds')).toBe(DAY);

    const world = await aWorldOf('hook', 'prompt');
    expect(await measured(world, 'lockstep_seal_age_seconds')).toBeLessThan(301);
    world.stores.outages.add('signer.sign');
    await world.pass(1800);
    expect(await measured(world, 'lockstep_seal_age_seconds')).toBeGreaterThan(1800);
    expect(world.stores.metrics.total('lockstep_audit_failures', { kind: 'seal' })).toBeGreaterThan(3);
  });

  it('how long the oldest event waits for the bus', async () => {
    const world = await aWorldOf('hook', 'prompt');
    expect(await measured(world, 'lockstep_outbox_age_seconds')).toBe(0);
    world.stores.outages.add('bus.publish');
    await rotate(world, 'hook');
    expect(await measured(world, 'lockstep_outbox_age_seconds')).toBeGreaterThan(0);
  });

  it('everything else, where one thing cannot be measured, and comes again for that', async () => {
    const world = await aWorldOf('hook', 'prompt');
    const read: string[] = [];
    const { vault } = world.stores;
    const reading = vault.read.bind(vault);
    vault.read = (secretId, selector) => {
      read.push(secretId);
      return reading(secretId, selector);
    };
    world.stores.outages.add('bus.list');
    expect(await measured(world, 'lockstep_seal_age_seconds')).toBeDefined();
    expect(world.stores.metrics.last('lockstep_rotations_overdue')).toBe(0);
    expect(world.stores.metrics.last('lockstep_dead_letters')).toBeUndefined();
    expect(read).toContain(heartbeatSecret('simulated'));

    world.stores.outages.clear();
    await world.pass(120);
    expect(world.stores.metrics.last('lockstep_dead_letters')).toBe(0);
  });

  it('nothing of a credential that nobody has adopted', async () => {
    const world = await aWorldOf('hook', 'prompt');
    const { ledger } = world.stores;
    const reading = ledger.read.bind(ledger);
    ledger.read = (family, credential, id) =>
      family === 'credential' ? Promise.resolve(undefined) : reading(family, credential, id);
    await world.pass(2 * DAY);
    expect(world.stores.metrics.last('lockstep_rotations_overdue')).toBe(0);
    expect(
      world.stores.metrics.last('lockstep_credential_age_ratio', { credential: 'hook' }),
    ).toBeUndefined();
  });
});
