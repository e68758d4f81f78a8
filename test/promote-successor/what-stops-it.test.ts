import { describe, expect, it } from 'vitest';
import { LockstepError } from '../../lambdas/core/errors.ts';
import { create, replace } from '../../lambdas/core/ports/ledger.ts';
import { promoteSuccessor } from '../../lambdas/promote-successor/promote-successor.ts';
import { aRotation } from '../core/rotation/a-rotation.ts';
import { codeOf } from '../ports/under-test.ts';
import { aTarget, FIRST, SECOND, THIRD, type Standing } from '../serve-target/a-target.ts';
import { MARK } from '../fakes/marks.ts';

/** A rotation whose successor is about to be promoted, and the lock under which that happens. */
async function aPromotion(standing: Standing = {}) {
  const target = await aTarget({ phase: 'verified', current: 'first', ...standing });
  const lock = {
    isKept: false,
    keep: () => void (lock.isKept = true),
    letGo: () => void (lock.isKept = false),
  };
  const rotation = async () => {
    const row = await target.ledger.read('rotation', 'store', SECOND);
    if (!row) throw new RangeError('no rotation');
    return row.body;
  };
  const promote = async (): Promise<void> => {
    const secret = await target.vault.describe(target.secret);
    await promoteSuccessor(target.ports, await rotation(), secret, lock);
  };
  const moves = (): number => target.vault.writes.filter(({ verb }) => verb === 'move-current').length;
  return { ...target, lock, rotation, promote, moves };
}

/** A vault that moves and does not answer, or refuses. */
function movesAndFails(
  vault: Awaited<ReturnType<typeof aPromotion>>['vault'],
  error: Error,
  moves: boolean,
): void {
  const move = vault.moveCurrent.bind(vault);
  vault.moveCurrent = async (secret, labels) => {
    if (moves) await move(secret, labels);
    throw error;
  };
}

describe('a promotion', () => {
  it('moves the label, writes it down in audit and ledger, and calls for the next decision', async () => {
    const { promote, labels, rotation, written, ledger, lock, judge } = await aPromotion();
    await promote();
    expect((await labels())[SECOND]).toContain('AWSCURRENT');
    expect(await rotation()).toMatchObject({ phase: 'promoted', successor: { version: SECOND } });
    expect(written()).toEqual(['intent promote', 'outcome promote done']);
    expect((await ledger.read('credential', 'store', 'state'))?.body).toMatchObject({
      current: SECOND,
      currentKey: (await rotation()).successor?.key,
    });
    expect((await ledger.pending(10)).map(({ type }) => type)).toEqual(['rotation.advanced']);
    expect(lock.isKept).toBe(false);
    judge.assertClean();
  });

  it('that is in the ledger is left alone', async () => {
    const { promote, moves, written } = await aPromotion();
    await promote();
    await promote();
    expect(moves()).toBe(1);
    expect(written()).toHaveLength(2);
  });

  it.each([
    ['was not verified', { phase: 'installed' }],
    ['failed on the way there', { phase: 'failed', facts: { reached: 'installed' } }],
    ['replaces nothing', { facts: { predecessor: undefined } }],
  ] as const)('of what %s is refused', async (_what, standing) => {
    const { promote, moves, written } = await aPromotion(standing as Standing);
    expect(await codeOf(promote())).toBe('OUT_OF_ORDER');
    expect([moves(), written()]).toEqual([0, []]);
  });
});

describe('a promotion and a label that is elsewhere', () => {
  it('stops at a label that somebody moved by hand, and says where to look', async () => {
    const { promote, vault, secret, target, credential, rotation, lock } = await aPromotion();
    const request = {
      environment: 'simulated',
      mark: MARK,
      credential,
      token: THIRD,
      fence: 8,
      withAuthority: () => Promise.reject(new Error('not asked')),
    };
    const { value } = await target.issue(request, undefined);
    await vault.putPending(secret, THIRD, value);
    await vault.relabel(secret, 'AWSCURRENT', THIRD);
    await expect(promote()).rejects.toThrow(
      new RegExp(`AWSCURRENT of store is on ${THIRD}, not on ${FIRST}.*lockstep inventory drift store`),
    );
    expect((await rotation()).phase).toBe('verified');
    expect(vault.holderOf(secret, 'AWSCURRENT')).toBe(THIRD);
    expect(lock.isKept).toBe(false);
  });

  it('stops at a label that is moved by hand after it has looked', async () => {
    const { promote, vault, rotation, lock, written } = await aPromotion();
    movesAndFails(vault, new LockstepError('LABEL_CONFLICT', 'elsewhere'), false);
    expect(await codeOf(promote())).toBe('LABEL_CONFLICT');
    expect((await rotation()).phase).toBe('verified');
    expect(written()).toEqual(['intent promote', 'outcome promote failed']);
    // A refusal is known to have moved nothing: nobody has to wait for the lock to run out.
    expect(lock.isKept).toBe(false);
  });

  it('takes the label from a version whose rotation a breach has given up on its way', async () => {
    const { promote, vault, secret, ledger, rotation } = await aPromotion({ current: 'second' });
    await vault.relabel(secret, 'AWSCURRENT', FIRST);
    const other = aRotation('abandoned', { token: FIRST, cause: 'cadence' });
    await ledger.commit([create('rotation', 'store', FIRST, other)]);
    const row = await ledger.read('rotation', 'store', SECOND);
    if (!row) throw new RangeError('no rotation');
    await ledger.commit([replace(row, { ...row.body, predecessor: { version: THIRD, key: 'slot_b' } })]);
    await promote();
    expect(vault.holderOf(secret, 'AWSCURRENT')).toBe(SECOND);
    expect((await rotation()).phase).toBe('promoted');
  });
});

describe('a promotion whose answer is lost', () => {
  it('keeps the lock, so that nobody judges by a vault that shows its last write late', async () => {
    const { promote, vault, rotation, lock, written } = await aPromotion();
    movesAndFails(vault, new LockstepError('VAULT_UNAVAILABLE', 'no answer'), true);
    expect(await codeOf(promote())).toBe('VAULT_UNAVAILABLE');
    expect(lock.isKept).toBe(true);
    expect((await rotation()).phase).toBe('verified');
    expect(written()).toEqual(['intent promote', 'outcome promote unknown']);
  });

  it('keeps the lock also where the ledger could not hear of it', async () => {
    const { promote, ledger, lock, vault, secret } = await aPromotion();
    ledger.commit = () => Promise.reject(new LockstepError('LEDGER_UNAVAILABLE', 'down'));
    expect(await codeOf(promote())).toBe('LEDGER_UNAVAILABLE');
    expect(lock.isKept).toBe(true);
    expect(vault.holderOf(secret, 'AWSCURRENT')).toBe(SECOND);
  });
});

describe('a promotion without an audit', () => {
  it('does not happen', async () => {
    const { ports, promote, moves, rotation, lock } = await aPromotion();
    ports.audit.append = () => Promise.reject(new LockstepError('AUDIT_UNAVAILABLE', 'down'));
    expect(await codeOf(promote())).toBe('AUDIT_UNAVAILABLE');
    expect([moves(), (await rotation()).phase, lock.isKept]).toEqual([0, 'verified', false]);
  });
});
