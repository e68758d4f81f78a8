import { describe, expect, it } from 'vitest';
import { PHASES, type Phase } from '../../../lambdas/core/rotation/rotation.ts';
import { runCommand } from '../../../lambdas/serve-target/commands/run-command.ts';
import { codeOf } from '../../ports/under-test.ts';
import { aTarget, SECOND } from '../a-target.ts';

const others = (...phases: readonly Phase[]): readonly Phase[] =>
  PHASES.filter((phase) => !phases.includes(phase));
const on = { credential: 'store', rotation: SECOND } as const;
const back = { requestedAt: 'x', by: 'somebody', reason: 'bad', returned: {} };

describe('disable', () => {
  it('stops the predecessor, between an intent and an outcome', async () => {
    const { run, works, first, second, written } = await aTarget();
    expect(await run({ do: 'disable', ...on })).toEqual({ state: 'disabled' });
    expect([works(first), works(second)]).toEqual([false, true]);
    expect(written()).toEqual(['intent disable', 'outcome disable done']);
    // again, and nothing else happens
    expect(await run({ do: 'disable', ...on })).toEqual({ state: 'disabled' });
  });

  it('stops nothing that is in use, and says so in the audit', async () => {
    const { run, works, target, first, written } = await aTarget();
    target.connect('store', first.value, 'somebody');
    expect(await run({ do: 'disable', ...on })).toEqual({ state: 'in-use' });
    expect(works(first)).toBe(true);
    expect(written()).toEqual(['intent disable', 'outcome disable refused']);
  });

  it('is not supported where the target cannot undo it, and touches nothing there', async () => {
    const { run, works, first, written } = await aTarget({ role: 'agents' });
    expect(await run({ do: 'disable', credential: 'agents', rotation: SECOND })).toEqual({
      state: 'not-supported',
    });
    expect([works(first), written()]).toEqual([true, []]);
  });

  it.each(others('adopted', 'disabled'))('is refused while the rotation is %s', async (phase) => {
    for (const role of ['store', 'agents'] as const) {
      const { run, works, first, second, written } = await aTarget({ role, phase });
      const answer = run({ do: 'disable', credential: role, rotation: SECOND });
      expect(await codeOf(answer)).toBe('OUT_OF_ORDER');
      expect([works(first), works(second), written()]).toEqual([true, true, []]);
    }
  });
});

describe('enable', () => {
  it('undoes a disable', async () => {
    const { run, works, first } = await aTarget();
    await run({ do: 'disable', ...on });
    expect(await run({ do: 'enable', ...on })).toEqual({ state: 'enabled' });
    expect(works(first)).toBe(true);
  });

  it.each(others('adopting', 'adopted', 'disabled', 'rolling-back'))(
    'is refused while the rotation is %s',
    async (phase) => {
      const { run, written } = await aTarget({ phase });
      expect(await codeOf(run({ do: 'enable', ...on }))).toBe('OUT_OF_ORDER');
      expect(written()).toEqual([]);
    },
  );
});

describe('revoke', () => {
  it('ends the predecessor of a disabled rotation for good, and asks the target whether it is refused', async () => {
    const { run, works, first, second, written } = await aTarget({ phase: 'disabled' });
    expect(await run({ do: 'revoke', ...on })).toEqual({ refused: 'refused' });
    expect([works(first), works(second)]).toEqual([false, true]);
    expect(written()).toEqual([
      'intent revoke',
      'outcome revoke done',
      'intent prove-refused',
      'outcome prove-refused done',
    ]);
  });

  it('ends the successor of a rotation that everybody has come back from', async () => {
    const { run, works, first, second } = await aTarget({
      phase: 'rolling-back',
      current: 'first',
      facts: { rollback: { ...back, restoredAt: 'x', toldAt: 'x', returnedAt: 'x' } },
    });
    expect(await run({ do: 'revoke', ...on })).toEqual({ refused: 'refused' });
    expect([works(first), works(second)]).toEqual([true, false]);
  });

  it('ends nothing while somebody has not come back', async () => {
    const { run, works, second } = await aTarget({
      phase: 'rolling-back',
      facts: { rollback: { ...back, restoredAt: 'x', toldAt: 'x' } },
    });
    expect(await codeOf(run({ do: 'revoke', ...on }))).toBe('OUT_OF_ORDER');
    expect(works(second)).toBe(true);
  });

  it.each(others('disabled', 'rolling-back'))('is refused while the rotation is %s', async (phase) => {
    const { run, works, first, second, written } = await aTarget({ phase });
    expect(await codeOf(run({ do: 'revoke', ...on }))).toBe('OUT_OF_ORDER');
    expect([works(first), works(second), written()]).toEqual([true, true, []]);
  });

  it('says what the target said: still accepted is no refusal, and a value that is gone cannot be asked about', async () => {
    const accepted = await aTarget({ phase: 'disabled' });
    accepted.target.revoke = () => Promise.resolve();
    expect(await accepted.run({ do: 'revoke', ...on })).toEqual({ refused: 'accepted' });
    expect(accepted.written().at(-1)).toBe('outcome prove-refused failed');

    const gone = await aTarget({
      phase: 'disabled',
      facts: { predecessor: { version: 'collected', key: 'slot_a' } },
    });
    expect(await gone.run({ do: 'revoke', ...on })).toEqual({ refused: 'unknown' });
  });
});

describe('a command about a credential', () => {
  it('of another family is not carried out', async () => {
    const { ports } = await aTarget();
    const foreign = runCommand({ ...ports, family: 'another' }, { do: 'disable', ...on });
    expect(await codeOf(foreign)).toBe('NOT_SUPPORTED');
  });

  it('that nobody declared is refused by name', async () => {
    const { run } = await aTarget();
    expect(await codeOf(run({ do: 'prove', credential: 'unheard-of' }))).toBe('UNKNOWN_CREDENTIAL');
  });
});
