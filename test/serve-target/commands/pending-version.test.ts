import { describe, expect, it } from 'vitest';
import { LockstepError, type ErrorCode } from '../../../lambdas/core/errors.ts';
import { PHASES } from '../../../lambdas/core/rotation/rotation.ts';
import type { MemoryTarget } from '../../fakes/memory-target.ts';
import { codeOf } from '../../ports/under-test.ts';
import { aTarget, FIRST, SECOND, THIRD } from '../a-target.ts';
import { MARK } from '../../fakes/marks.ts';

const on = { credential: 'store', rotation: SECOND } as const;
const pendingAt = (phase: 'issued' | 'abandoned', isInstalled = true) =>
  aTarget({ phase, current: 'first', isInstalled });

/** The target answers every proof like that. */
function answer(target: MemoryTarget, code: ErrorCode): void {
  target.verify = () => Promise.reject(new LockstepError(code, 'as the test says'));
}

describe('probing a pending version', () => {
  it('tells how it stands at the target, and changes nothing', async () => {
    const { run, vault, secret, written } = await pendingAt('issued');
    expect(await run({ do: 'probe-pending', ...on })).toEqual({ pending: 'works' });
    expect(await run({ do: 'probe-pending', credential: 'store', rotation: THIRD })).toEqual({
      pending: 'absent',
    });
    await vault.removePending(secret, SECOND);
    await vault.driven.registerPending((await vault.describe(secret)).arn, THIRD, false);
    expect(await run({ do: 'probe-pending', credential: 'store', rotation: THIRD })).toEqual({
      pending: 'no-value',
    });
    expect(written()).toEqual([]);
  });

  it.each([
    ['SUCCESSOR_REJECTED', 'refused'],
    ['TARGET_REFUSES_LOGIN', 'refused'],
    ['TARGET_UNREACHABLE', 'unknown'],
    ['TARGET_LACKS_GRANT', 'unknown'],
  ] as const)('where the target says %s answers %s', async (code, pending) => {
    const { run, target } = await pendingAt('issued');
    answer(target, code);
    expect(await run({ do: 'probe-pending', ...on })).toEqual({ pending });
  });
});

describe('proving a version', () => {
  it('logs in with AWSCURRENT, or with the version that is asked for', async () => {
    const { run } = await pendingAt('issued', false);
    expect(await run({ do: 'prove', credential: 'store' })).toEqual({ works: true });
    expect(await run({ do: 'prove', credential: 'store', version: SECOND })).toEqual({ works: false });
    expect(await run({ do: 'prove', credential: 'store', version: FIRST })).toEqual({ works: true });
  });

  it('answers no to a refusal, and nothing where the target cannot be asked', async () => {
    const { run, target } = await pendingAt('issued');
    answer(target, 'TARGET_REFUSES_LOGIN');
    expect(await run({ do: 'prove', credential: 'store' })).toEqual({ works: false });
    answer(target, 'TARGET_UNREACHABLE');
    expect(await codeOf(run({ do: 'prove', credential: 'store' }))).toBe('TARGET_UNREACHABLE');
  });

  it('refuses a value that a person supplied for something else, before it is tried anywhere', async () => {
    const { run, target } = await pendingAt('issued');
    target.checkFirst = () => {
      throw new LockstepError('VALUE_MALFORMED', 'of another database');
    };
    expect(await codeOf(run({ do: 'prove', credential: 'store' }))).toBe('VALUE_MALFORMED');
  });
});

describe('stripping a pending label', () => {
  it('takes it off a version that no live rotation owns, between an intent and an outcome', async () => {
    const { run, labels, written } = await pendingAt('abandoned');
    expect(await run({ do: 'strip-pending', credential: 'store', version: SECOND })).toEqual({
      stripped: true,
    });
    expect((await labels())[SECOND]).toBeUndefined();
    expect(written()).toEqual(['intent strip-pending', 'outcome strip-pending done']);
    expect(await run({ do: 'strip-pending', credential: 'store', version: SECOND })).toEqual({
      stripped: false,
    });
  });

  it('leaves it where it sits on AWSCURRENT', async () => {
    const { run, labels, written } = await aTarget({ phase: 'retired', current: 'second' });
    expect(await run({ do: 'strip-pending', credential: 'store', version: SECOND })).toEqual({
      stripped: false,
    });
    expect([(await labels())[SECOND], written()]).toEqual([['AWSCURRENT', 'AWSPENDING'], []]);
  });

  it.each(PHASES.filter((phase) => !['retired', 'abandoned', 'rolled-back'].includes(phase)))(
    'is refused while the rotation that owns it is %s',
    async (phase) => {
      const { run, labels } = await aTarget({ phase, current: 'first' });
      expect(await codeOf(run({ do: 'strip-pending', credential: 'store', version: SECOND }))).toBe(
        'OUT_OF_ORDER',
      );
      expect((await labels())[SECOND]).toEqual(['AWSPENDING']);
    },
  );
});

describe('cleaning up behind an abandoned rotation', () => {
  it('ends what was installed, and then takes the label off', async () => {
    const { run, works, labels, first, second, written } = await pendingAt('abandoned');
    expect(await run({ do: 'clean-up', ...on })).toEqual({ revoked: [second.key] });
    expect([works(first), works(second), (await labels())[SECOND]]).toEqual([true, false, undefined]);
    expect(written()).toEqual([
      'intent revoke',
      'outcome revoke done',
      'intent strip-pending',
      'outcome strip-pending done',
    ]);
  });

  it('ends every key that carries its token, where keys are minted', async () => {
    const { run, target, first, second } = await aTarget({
      role: 'agents',
      phase: 'abandoned',
      current: 'first',
    });
    await target.issue(
      {
        environment: 'simulated',
        mark: MARK,
        credential: { name: 'agents' } as never,
        token: SECOND,
        fence: 7,
        withAuthority: () => Promise.reject(new Error('not asked')),
      },
      undefined,
    );
    expect(await run({ do: 'clean-up', credential: 'agents', rotation: SECOND })).toMatchObject({
      revoked: [second.key, 'key-3'],
    });
    expect(target.liveKeys('agents')).toEqual([first.key]);
  });

  it('never ends the place that the predecessor uses', async () => {
    const successor = { version: SECOND, key: 'slot_a' };
    const { run, works, first } = await aTarget({
      phase: 'abandoned',
      current: 'first',
      isInstalled: false,
      facts: { successor },
    });
    expect(await run({ do: 'clean-up', ...on })).toEqual({ revoked: [] });
    expect(works(first)).toBe(true);
  });
});

describe('cleaning up', () => {
  it('leaves alone what a newer rotation has installed in its place', async () => {
    const { run, target, labels } = await pendingAt('abandoned');
    target.revoke = () => Promise.reject(new LockstepError('FENCED_OFF', 'a newer one'));
    expect(await run({ do: 'clean-up', ...on })).toEqual({ revoked: [] });
    expect((await labels())[SECOND]).toBeUndefined();
  });

  it('keeps the label where the target could not be asked: reconcile comes back for as long as it is there', async () => {
    const { run, target, labels } = await pendingAt('abandoned');
    target.revoke = () => Promise.reject(new LockstepError('TARGET_UNREACHABLE', 'down'));
    expect(await codeOf(run({ do: 'clean-up', ...on }))).toBe('TARGET_UNREACHABLE');
    expect((await labels())[SECOND]).toEqual(['AWSPENDING']);
  });

  it('is refused where it may be the only value that works: changed in place', async () => {
    const standing = { role: 'db-admin', phase: 'abandoned', current: 'first' } as const;
    const begun = await aTarget({ ...standing, facts: { reached: 'issued' } });
    const asked = { do: 'clean-up', credential: 'db-admin', rotation: SECOND } as const;
    expect(await codeOf(begun.run(asked))).toBe('NOT_SUPPORTED');
    expect((await begun.labels())[SECOND]).toEqual(['AWSPENDING']);
    const { successor: _none, ...facts } = { reached: 'requested', successor: undefined } as const;
    const not = await aTarget({ ...standing, isInstalled: false, facts });
    expect(await not.run(asked)).toEqual({ revoked: [] });
  });

  it.each(PHASES.filter((phase) => phase !== 'abandoned'))('is refused while it is %s', async (phase) => {
    const { run, works, second } = await aTarget({ phase, current: 'first' });
    expect(await codeOf(run({ do: 'clean-up', ...on }))).toBe('OUT_OF_ORDER');
    expect(works(second)).toBe(true);
  });
});
