import { describe, expect, it } from 'vitest';
import type { Dependent, Inventory } from '../../lambdas/core/credential.ts';
import { LockstepError } from '../../lambdas/core/errors.ts';
import type { EventDetails } from '../../lambdas/core/events.ts';
import { findCredential } from '../../lambdas/core/find-credential.ts';
import { create } from '../../lambdas/core/ports/ledger.ts';
import { PHASES, type Phase, type Rotation } from '../../lambdas/core/rotation/rotation.ts';
import { tellDependent } from '../../lambdas/tell-dependent/tell-dependent.ts';
import { aRotation } from '../core/rotation/a-rotation.ts';
import { anEvent } from '../fakes/an-event.ts';
import { CountingMetrics } from '../fakes/counting-metrics.ts';
import { FakeClock } from '../fakes/fake-clock.ts';
import { MemoryLedger } from '../fakes/memory-ledger.ts';
import { RecordingPropagator } from '../fakes/recording-propagator.ts';
import { codeOf } from '../ports/under-test.ts';
import { inventoryOf } from '../simulation/cast.ts';

type Detail = EventDetails['credential.changed'];
const NAME = 'store-0-prompt';

async function aTelling(phase: Phase, facts: Partial<Rotation> = {}, inventory = anInventory()) {
  const { dependents } = findCredential(inventory, 'store');
  const ledger = new MemoryLedger();
  const rotation = aRotation(phase, { dependents, expectation: 'token#2', ...facts });
  await ledger.commit([create('rotation', 'store', 'token', rotation)]);
  const propagator = new RecordingPropagator();
  const metrics = new CountingMetrics();
  const clock = new FakeClock();
  const ports = { inventory, ledger, propagator, metrics, clock: clock.now };
  const deliveries = () => ledger.rows('delivery').map(({ body }) => body);
  const outcomes = (outcome: string) => metrics.total('lockstep_deliveries', { outcome });
  return {
    ports,
    propagator,
    deliveries,
    outcomes,
    tell: (change: Partial<Detail> = {}) =>
      tellDependent(ports, anEvent(1, 'credential.changed', { ...DETAIL, ...change })),
  };
}

/** An inventory whose one dependent of `store` has these settings. */
function anInventory(settings: Dependent['settings'] = {}): Inventory {
  const inventory = inventoryOf({
    habits: { store: ['prompt'] },
    onDeadline: 'hold-and-page',
    mintsReversibly: false,
  });
  const credentials = inventory.credentials.map((each) => ({
    ...each,
    dependents: each.dependents.map((dependent) => ({ ...dependent, settings })),
  }));
  return { ...inventory, credentials };
}
const DETAIL: Detail = {
  credential: 'store',
  kind: 'db',
  rotation: 'token',
  change: 'promoted',
  version: 'token',
  replaces: 'before',
  dependent: NAME,
  dependentKind: 'webhook',
  expectation: { id: 'token#2', nonce: 'a nonce' },
};
const rollback = { requestedAt: '2026-03-01T00:00:00.000Z', by: 'x', reason: 'y', returned: {} };
const counted = (by: 'force' | 'deadline-policy' | 'acknowledgement' | 'evidence') => ({
  [NAME]: { by, at: '2026-03-01T00:00:00.000Z' } as const,
});

describe('a dependent', () => {
  it('hears ids, versions and the nonce, under one id for all attempts', async () => {
    const { tell, propagator, deliveries, outcomes } = await aTelling('adopting');
    await tell();
    await tell();
    const [notice, again] = propagator.notices;
    expect(notice).toEqual({
      id: `token#promoted#token#2#${NAME}`,
      at: '2026-01-01T00:00:01.000Z',
      environment: 'test',
      credential: 'store',
      kind: 'db',
      rotation: 'token',
      change: 'promoted',
      version: 'token',
      replaces: 'before',
      dependent: NAME,
      expectation: { id: 'token#2', nonce: 'a nonce' },
    });
    expect(again).toEqual(notice);
    expect(deliveries()).toMatchObject([{ status: 'told', attempts: 2, dependent: NAME }]);
    expect(outcomes('told')).toBe(2);
  });

  it('has not adopted by having been told', async () => {
    const { tell, ports } = await aTelling('adopting');
    const before = await ports.ledger.read('rotation', 'store', 'token');
    await tell();
    expect(await ports.ledger.read('rotation', 'store', 'token')).toEqual(before);
  });

  it('is told at the address that the inventory has today', async () => {
    const inventory = anInventory({ url: 'https://new.example' });
    const dependents = findCredential(anInventory(), 'store').dependents;
    const { tell, ports } = await aTelling('adopting', { dependents }, inventory);
    const told: Dependent[] = [];
    ports.propagator.tell = async (dependent) => {
      told.push(dependent);
      return 'told';
    };
    await tell();
    expect(told).toEqual(findCredential(inventory, 'store').dependents);
    expect(told[0]?.settings).toEqual({ url: 'https://new.example' });
  });

  it('that left the inventory meanwhile is told as it was frozen', async () => {
    const { tell, ports, propagator } = await aTelling('adopting');
    const credentials = ports.inventory.credentials.map((each) => ({ ...each, dependents: [] }));
    await tellDependent(
      { ...ports, inventory: { ...ports.inventory, credentials } },
      anEvent(1, 'credential.changed', DETAIL),
    );
    expect(propagator.notices).toHaveLength(1);
    await expect(tell({ dependent: 'a-stranger' })).rejects.toMatchObject({ code: 'MALFORMED_EVENT' });
  });
});

describe('a delivery that fails', () => {
  it.each([
    [
      new LockstepError('DEPENDENT_UNREACHABLE', 'nobody is there'),
      'failing',
      'failed',
      'DEPENDENT_UNREACHABLE',
    ],
    [new LockstepError('DEPENDENT_REFUSED', '410'), 'gone', 'refused', 'DEPENDENT_REFUSED'],
    [new TypeError('hunter2'), 'failing', 'failed', 'UNEXPECTED'],
  ])(
    'is recorded, counted and thrown, so that it is tried again: %s',
    async (error, status, outcome, lastError) => {
      const { tell, propagator, deliveries, outcomes } = await aTelling('adopting');
      propagator.failNext(error);
      await expect(tell()).rejects.toBe(error);
      expect(deliveries()).toMatchObject([{ status, lastError, attempts: 1 }]);
      expect(JSON.stringify(deliveries())).not.toContain('hunter2');
      expect(outcomes(outcome)).toBe(1);

      await tell();
      expect(deliveries()).toMatchObject([{ status: 'told', attempts: 2 }]);
      expect(deliveries()[0]).not.toHaveProperty('lastError');
    },
  );

  it('fails as it failed where the ledger cannot hear of it, and was told where somebody else wrote first', async () => {
    const { tell, ports, propagator } = await aTelling('adopting');
    ports.ledger.commit = () => Promise.reject(new LockstepError('LEDGER_CONFLICT', 'second'));
    await tell();
    expect(propagator.notices).toHaveLength(1);
    ports.ledger.commit = () => Promise.reject(new LockstepError('LEDGER_UNAVAILABLE', 'down'));
    expect(await codeOf(tell())).toBe('LEDGER_UNAVAILABLE');
  });
});

/** In which phases each change is still news. */
const NEWS: Readonly<Record<Detail['change'], readonly Phase[]>> = {
  promoted: ['promoted', 'adopting'],
  unadopted: ['promoted', 'adopting'],
  'rolled-back': ['rolling-back'],
  disabled: ['disabled', 'retired'],
};

describe('a notice that was overtaken', () => {
  it.each(Object.keys(NEWS) as Detail['change'][])('is dropped and counted: %s', async (change) => {
    const news: Phase[] = [];
    for (const phase of PHASES) {
      const { tell, propagator, outcomes } = await aTelling(phase);
      await tell({ change });
      if (propagator.notices.length > 0) news.push(phase);
      expect(outcomes('overtaken') + outcomes('told')).toBe(1);
    }
    expect(news).toEqual(NEWS[change]);
  });

  it.each([
    ['by a later expectation', 'adopting', { expectation: 'token#3' }, 'promoted', 0],
    ['by the way back', 'adopting', { rollback }, 'promoted', 0],
    ['by a breach', 'adopting', { endedBecause: 'breach' }, 'promoted', 0],
    [
      'by nothing, since force only counted it as adopted',
      'adopted',
      { adoption: counted('force') },
      'promoted',
      1,
    ],
    [
      'by nothing, since the deadline only counted it',
      'retired',
      { adoption: counted('deadline-policy') },
      'promoted',
      1,
    ],
    ['by its proof', 'adopted', { adoption: counted('acknowledgement') }, 'promoted', 0],
    ['by what was seen of it', 'adopted', { adoption: counted('evidence') }, 'promoted', 0],
    [
      'by nothing: forced on the way there says nothing of the way back',
      'rolled-back',
      { adoption: counted('force'), rollback },
      'rolled-back',
      0,
    ],
    [
      'by nothing, since force only counted its return',
      'rolled-back',
      { rollback: { ...rollback, returned: counted('force') } },
      'rolled-back',
      1,
    ],
  ] as const)('%s', async (_what, phase, facts, change, notices) => {
    const { tell, propagator } = await aTelling(phase, facts);
    await tell({ change });
    expect(propagator.notices).toHaveLength(notices);
  });

  it('by the loss of its rotation', async () => {
    const { tell, propagator, outcomes } = await aTelling('adopting');
    await tell({ rotation: 'another' });
    expect(propagator.notices).toEqual([]);
    expect(outcomes('overtaken')).toBe(1);
  });
});
