import { describe, expect, it } from 'vitest';
import { LockstepError } from '../../../lambdas/core/errors.ts';
import type { CredentialState } from '../../../lambdas/core/ledger-rows.ts';
import { create, replace } from '../../../lambdas/core/ports/ledger.ts';
import { endRotation } from '../../../lambdas/core/rotation/end-rotation.ts';
import { recordTransition } from '../../../lambdas/core/rotation/record-transition.ts';
import type { Rotation } from '../../../lambdas/core/rotation/rotation.ts';
import { anAdvance } from '../../fakes/an-event.ts';
import { MemoryLedger } from '../../fakes/memory-ledger.ts';
import { codeOf } from '../../ports/under-test.ts';
import { aRotation } from './a-rotation.ts';

const AT = '2026-03-01T01:00:00.000Z';
const disabled = { type: 'disabled', at: AT } as const;
const revoked = { type: 'revoked', at: AT, refused: 'refused' } as const;

async function aLedger(rotation: Rotation, state?: Partial<CredentialState>): Promise<MemoryLedger> {
  const ledger = new MemoryLedger();
  await ledger.commit([
    create('rotation', 'store', 'token', rotation),
    create('credential', 'store', 'state', { fence: 1, active: 'token', ...state }),
  ]);
  return ledger;
}

const read = async (ledger: MemoryLedger): Promise<Rotation | undefined> =>
  (await ledger.read('rotation', 'store', 'token'))?.body;

/** Somebody else writes the rotation each time that we are about to. */
function overtaken(ledger: MemoryLedger, times: number, change: (rotation: Rotation) => Rotation): void {
  const commit = ledger.commit.bind(ledger);
  let left = times;
  ledger.commit = async (writes, events) => {
    if (left > 0) {
      left -= 1;
      const row = await ledger.read('rotation', 'store', 'token');
      if (row) await commit([replace(row, change(row.body))]);
    }
    return commit(writes, events);
  };
}

describe('a change of a rotation', () => {
  it('is one commit with what depends on it', async () => {
    const ledger = await aLedger(aRotation('adopted'));
    const after = await recordTransition(ledger, 'store', 'token', disabled, (changed, before) => ({
      writes: [create('refusal', 'store', `${before.phase} ${changed.phase}`, aRefusal)],
      events: [anAdvance(1)],
    }));
    expect(after.phase).toBe('disabled');
    expect(ledger.rows('refusal').map(({ id }) => id)).toEqual(['adopted disabled']);
    expect(await ledger.pending(10)).toHaveLength(1);
  });

  it('that changes nothing writes nothing, and asks for nothing beside it', async () => {
    const ledger = await aLedger(aRotation('disabled'));
    await recordTransition(ledger, 'store', 'token', disabled, () => {
      throw new Error('asked');
    });
    expect((await ledger.read('rotation', 'store', 'token'))?.revision).toBe(1);
  });

  it.each([
    ['OUT_OF_ORDER', 'promoted'],
    ['ROTATION_ENDED', 'abandoned'],
  ] as const)('that cannot be is refused as %s', async (code, phase) => {
    const ledger = await aLedger(aRotation(phase));
    expect(await codeOf(recordTransition(ledger, 'store', 'token', disabled))).toBe(code);
  });

  it('of a rotation that nobody knows is refused by name', async () => {
    const ledger = new MemoryLedger();
    expect(await codeOf(recordTransition(ledger, 'store', 'token', disabled))).toBe('UNKNOWN_VERSION');
  });

  it('is decided anew when somebody else was first, with what they wrote', async () => {
    const ledger = await aLedger(aRotation('adopted'));
    overtaken(ledger, 3, (rotation) => ({ ...rotation, observedAt: AT }));
    const after = await recordTransition(ledger, 'store', 'token', disabled);
    expect(after).toMatchObject({ phase: 'disabled', observedAt: AT });
  });

  it('changes nothing any more where somebody else has made it', async () => {
    const ledger = await aLedger(aRotation('adopted'));
    overtaken(ledger, 1, (rotation) => ({ ...rotation, phase: 'disabled', disabledAt: AT }));
    await recordTransition(ledger, 'store', 'token', { ...disabled, at: '2027-01-01T00:00:00.000Z' });
    expect((await read(ledger))?.disabledAt).toBe(AT);
  });

  it('gives up after eight such meetings, and passes on at once what is no meeting', async () => {
    const busy = await aLedger(aRotation('adopted'));
    overtaken(busy, 100, (rotation) => ({ ...rotation }));
    expect(await codeOf(recordTransition(busy, 'store', 'token', disabled))).toBe('LEDGER_CONFLICT');

    const away = await aLedger(aRotation('adopted'));
    let calls = 0;
    away.commit = () => {
      calls += 1;
      return Promise.reject(new LockstepError('LEDGER_UNAVAILABLE', 'no answer'));
    };
    expect(await codeOf(recordTransition(away, 'store', 'token', disabled))).toBe('LEDGER_UNAVAILABLE');
    expect(calls).toBe(1);
  });
});

const aRefusal = { cause: 'cadence', by: 'a test', code: 'HELD', message: 'held', at: AT } as const;

describe('the end of a rotation', () => {
  it('frees its credential in the same commit', async () => {
    const rotation = aRotation('disabled');
    const ledger = await aLedger(rotation, { current: 'v' });
    await endRotation(ledger, rotation, revoked);
    expect(await read(ledger)).toMatchObject({ phase: 'retired' });
    expect((await ledger.read('credential', 'store', 'state'))?.body).toEqual({ fence: 1, current: 'v' });
  });

  it('that comes again does not free the credential of the next rotation', async () => {
    const rotation = aRotation('disabled');
    const ledger = await aLedger(aRotation('retired'), { active: 'the next one' });
    await endRotation(ledger, rotation, revoked);
    expect((await ledger.read('credential', 'store', 'state'))?.body.active).toBe('the next one');
  });

  it('leaves a credential alone that names another rotation by now', async () => {
    const rotation = aRotation('disabled');
    const ledger = await aLedger(rotation, { active: 'another one' });
    await endRotation(ledger, rotation, revoked);
    expect((await ledger.read('credential', 'store', 'state'))?.body.active).toBe('another one');
  });

  it('is decided again where the rotation has turned since', async () => {
    const decided = aRotation('disabled');
    const ledger = await aLedger(aRotation('rolling-back'));
    expect(await codeOf(endRotation(ledger, decided, revoked))).toBe('LEDGER_CONFLICT');
    expect(await read(ledger)).toMatchObject({ phase: 'rolling-back' });
  });

  it('by a breach asks for no more than its name', async () => {
    const decided = aRotation('adopting');
    const ledger = await aLedger(aRotation('disabled'));
    await endRotation(ledger, decided, { type: 'breached', at: AT });
    expect(await read(ledger)).toMatchObject({ phase: 'retired', endedBecause: 'breach' });
  });
});
