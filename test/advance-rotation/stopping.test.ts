import { describe, expect, it } from 'vitest';
import { disableAndTell } from '../../lambdas/advance-rotation/disable-and-tell.ts';
import { revokeAndEnd } from '../../lambdas/advance-rotation/revoke-and-end.ts';
import { codeOf } from '../ports/under-test.ts';
import { aDecision, API, before, JOB, POOL } from './a-decision.ts';

const rollback = {
  requestedAt: before(900),
  by: 'x',
  reason: 'y',
  restoredAt: before(800),
  toldAt: before(800),
  returned: {},
  returnedAt: before(700),
};

describe('disabling', () => {
  it.each(['disabled', 'not-supported'] as const)(
    'is told to everybody, by name of both versions: %s',
    async (disable) => {
      const { ports, rotation, told } = await aDecision('adopted', {}, { disable });
      await disableAndTell(ports, await rotation());
      expect((await rotation()).phase).toBe('disabled');
      expect((await told()).map(({ dependent }) => dependent)).toEqual([API, JOB, POOL]);
      const [first] = await told();
      expect(first).toMatchObject({ change: 'disabled', version: 'token', replaces: 'before' });
      // Nobody has to prove that something is gone.
      expect(first).not.toHaveProperty('expectation');
    },
  );

  it('that the target refuses, since a session lives, brings back whoever it belongs to', async () => {
    const byDependent = {
      [API]: { onSuccessor: 2, onPredecessor: 0 },
      [JOB]: { onSuccessor: 1, onPredecessor: 1 },
    };
    const { ports, rotation, told, asked } = await aDecision(
      'adopted',
      {},
      { disable: 'in-use', observe: { byDependent } },
    );
    await disableAndTell(ports, await rotation());
    expect(asked()).toEqual(['disable', 'observe', 'expect']);
    expect(await rotation()).toMatchObject({ phase: 'adopting', inUse: { dependents: [JOB] } });
    expect(Object.keys((await rotation()).adoption)).toEqual([API, POOL]);
    expect((await told()).map(({ dependent, change }) => [dependent, change])).toEqual([[JOB, 'unadopted']]);
  });

  it.each([
    ['the target cannot say', 'unsupported'],
    ['it belongs to nobody that was declared', {}],
  ] as const)('that the target refuses waits also where %s whose session it is', async (_why, observe) => {
    const { ports, rotation, told } = await aDecision('adopted', {}, { disable: 'in-use', observe });
    await disableAndTell(ports, await rotation());
    expect(await rotation()).toMatchObject({ phase: 'adopting', inUse: { dependents: [] } });
    expect(Object.keys((await rotation()).adoption)).toHaveLength(3);
    expect(await told()).toEqual([]);
  });
});

describe('revoking', () => {
  it('ends the rotation, on the record, once the target itself was seen to refuse the value', async () => {
    const { ports, ledger, rotation, metrics, audited } = await aDecision('disabled');
    await revokeAndEnd(ports, await rotation());
    expect(await rotation()).toMatchObject({
      phase: 'retired',
      provenRefusedAt: expect.any(String) as string,
    });
    expect((await ledger.read('credential', 'store', 'state'))?.body).not.toHaveProperty('active');
    expect(audited()).toEqual(['outcome retire']);
    expect(metrics.total('lockstep_rotations', { outcome: 'retired', kind: 'db' })).toBe(1);
  });

  it('on the way back ends it as rolled back', async () => {
    const { ports, rotation, metrics, audited } = await aDecision('rolling-back', { rollback });
    await revokeAndEnd(ports, await rotation());
    expect((await rotation()).phase).toBe('rolled-back');
    expect(audited()).toEqual(['outcome roll-back']);
    expect(metrics.total('lockstep_rotations', { outcome: 'rolled-back' })).toBe(1);
  });

  it.each([
    ['accepted', /still accepted by its target/],
    ['unknown', /not known to be refused/],
  ] as const)('ends nothing while the value is %s', async (revoke, words) => {
    const { ports, rotation, audited, metrics } = await aDecision('disabled', {}, { revoke });
    const ended = revokeAndEnd(ports, await rotation());
    expect(await codeOf(ended)).toBe('NOT_YET');
    await expect(ended).rejects.toThrow(words);
    expect([(await rotation()).phase, audited(), metrics.total('lockstep_rotations')]).toEqual([
      'disabled',
      [],
      0,
    ]);
  });
});
