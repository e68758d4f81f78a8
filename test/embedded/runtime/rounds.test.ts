import { describe, expect, it } from 'vitest';
import { beginRound, isRoundOver } from '../../../embedded/runtime/rounds.ts';
import type { Rotation } from '../../../lambdas/core/rotation/rotation.ts';
import { LockstepError } from '../../../lambdas/core/errors.ts';

type RoundWorld = Parameters<typeof beginRound>[0];

/** A world of two credentials, in which `answer` says what becomes of each order to rotate. */
function aWorld(
  answer: (credential: string, attempt: number) => string,
  active: Record<string, string> = {},
) {
  const asked: string[] = [];
  const world = {
    inventory: {
      credentials: [{ name: 'vector-store', authority: 'rag-db-admin' }, { name: 'rag-db-admin' }],
    },
    ledger: { read: async (_family: string, name: string) => ({ body: { active: active[name] } }) },
    pipeline: {
      operate: async (_operator: unknown, { credential }: { readonly credential: string }) => {
        asked.push(credential);
        return {
          said: '',
          facts: { rotation: answer(credential, asked.filter((each) => each === credential).length) },
        };
      },
    },
  };
  return { asked, world: world as unknown as RoundWorld, active };
}

describe('the first round', () => {
  it('asks for every credential, authorities first', async () => {
    const { world, asked } = aWorld((credential) => `token of ${credential}`);
    const round = await beginRound(world, 'a round');
    expect(asked).toEqual(['rag-db-admin', 'vector-store']);
    expect([...round.tokens]).toEqual([
      ['rag-db-admin', 'token of rag-db-admin'],
      ['vector-store', 'token of vector-store'],
    ]);
  });

  it('follows a rotation that an earlier runtime left', async () => {
    const { world, asked } = aWorld(() => 'new', { 'vector-store': 'left' });
    expect((await beginRound(world, 'a round')).tokens.get('vector-store')).toBe('left');
    expect(asked).toEqual(['rag-db-admin']);
  });

  it('is not kept from the others by a credential that somebody holds', async () => {
    const { world } = aWorld((credential) => {
      if (credential === 'rag-db-admin') throw new LockstepError('HELD', 'rag-db-admin is held by anna');
      return 'token';
    });
    const round = await beginRound(world, 'a round');
    expect([...round.refused]).toEqual([['rag-db-admin', 'rag-db-admin is held by anna']]);
    expect([...round.tokens.keys()]).toEqual(['vector-store']);
  });

  it('follows the rotation of the cadence, which was quicker', async () => {
    const active: Record<string, string> = {};
    const { world } = aWorld((credential, attempt) => {
      if (credential !== 'vector-store' || attempt > 1) return 'token';
      active['vector-store'] = 'of the cadence';
      throw new LockstepError('PREDECESSOR_IN_USE', 'one is under way');
    }, active);
    expect((await beginRound(world, 'a round')).tokens.get('vector-store')).toBe('of the cadence');
  });

  it('asks again where trying again helps', async () => {
    const { world } = aWorld((_, attempt) => {
      if (attempt === 1)
        throw new LockstepError('LEDGER_CONFLICT', 'somebody wrote first', { retryAfterSeconds: 0.01 });
      return 'token';
    });
    expect((await beginRound(world, 'a round')).tokens.size).toBe(2);
  });

  it('lets a fault of ours be seen', async () => {
    const { world } = aWorld(() => {
      throw new TypeError('a fault');
    });
    await expect(beginRound(world, 'a round')).rejects.toThrow(TypeError);
  });
});

describe('the end of a round', () => {
  const over = (hold: object | undefined, ...rotations: readonly Partial<Rotation>[]): Promise<boolean> =>
    isRoundOver(
      { ledger: { read: async () => ({ body: { hold } }) } } as unknown as Parameters<typeof isRoundOver>[0],
      new Map(rotations.map((rotation, at) => [`credential-${at}`, rotation as Rotation])),
    );
  const HOLD = { by: 'anna', reason: 'release day' };

  it('is when every rotation is over, however it ended', async () => {
    expect(await over(undefined, { phase: 'retired' }, { phase: 'abandoned' })).toBe(true);
    expect(await over(undefined, { phase: 'retired' }, { phase: 'adopting' })).toBe(false);
  });

  it('is when what is left waits for the release of a hold', async () => {
    expect(await over(HOLD, { phase: 'retired' }, { phase: 'adopted' })).toBe(true);
    expect(await over(HOLD, { phase: 'adopting', deadlineDecidedAt: '2026-01-01T00:00:00.000Z' })).toBe(true);
    // a hold stops no adoption
    expect(await over(HOLD, { phase: 'adopting' })).toBe(false);
    expect(await over(undefined, { phase: 'adopted' })).toBe(false);
  });
});
