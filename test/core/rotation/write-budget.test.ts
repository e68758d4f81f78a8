import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  LEAST_WRITES_PER_SECOND,
  nextTurn,
  VAULT_WRITES_PER_SECOND,
  VAULT_WRITES_QUOTA,
  type WriteBudget,
  type WriteLane,
} from '../../../lambdas/core/rotation/write-budget.ts';

/** Somebody asks for writes so long after the one before. */
interface Asked {
  readonly afterMs: number;
  readonly writes: 1 | 2;
  readonly lane: WriteLane;
  /** How far the clock is set at that moment, forwards or back. */
  readonly jumpMs?: number;
}

/** Writes that may begin at a moment of real time, which no jump of the clock changes. */
interface Granted {
  readonly at: number;
  readonly writes: number;
  readonly lane: WriteLane;
}

const START = Date.parse('2026-11-28T12:00:00.000Z');
/** Whoever would have to wait longer goes away, as `takeVaultWrites` does. */
const PATIENCE_MS = { ordinary: 250, whole: 2000 } as const;

/** Lets everybody have a turn who waits for it. */
function grant(asked: readonly Asked[], ordinaryPerSecond = VAULT_WRITES_PER_SECOND): readonly Granted[] {
  let budget: WriteBudget | undefined;
  let elapsed = 0;
  let offset = 0;
  return asked.flatMap(({ afterMs, writes, lane, jumpMs = 0 }) => {
    elapsed += afterMs;
    offset += jumpMs;
    const turn = nextTurn(budget, { writes, lane, ordinaryPerSecond }, new Date(START + elapsed + offset));
    if (turn.waitMs > PATIENCE_MS[lane]) return [];
    budget = turn.after;
    return [{ at: elapsed + turn.waitMs, writes, lane }];
  });
}

/** The most writes that any second holds, wherever it begins. */
function mostInASecond(granted: readonly Granted[]): number {
  const within = ({ at }: Granted): number =>
    granted
      .filter((each) => each.at >= at && each.at < at + 1000)
      .reduce((sum, { writes }) => sum + writes, 0);
  return Math.max(0, ...granted.map(within));
}

const asking = (lane: fc.Arbitrary<WriteLane>, gapMs = 60) =>
  fc.record({ afterMs: fc.nat({ max: gapMs }), writes: fc.constantFrom(1 as const, 2 as const), lane });

/** Many who ask, far more often than there are turns. */
const storm = (lane: fc.Arbitrary<WriteLane>) =>
  fc.array(asking(lane, 20), { minLength: 300, maxLength: 300 });

const ordinary = fc.constant<WriteLane>('ordinary');
const either = fc.oneof(
  { weight: 6, arbitrary: ordinary },
  { weight: 1, arbitrary: fc.constant<WriteLane>('whole') },
);
const share = fc.oneof(
  fc.constantFrom(LEAST_WRITES_PER_SECOND, VAULT_WRITES_PER_SECOND),
  fc.integer({ min: LEAST_WRITES_PER_SECOND, max: VAULT_WRITES_PER_SECOND }),
);

describe('over any second', () => {
  it('no more ordinary writes begin than their share, whoever asks when', () => {
    fc.assert(
      fc.property(storm(ordinary), share, (asked, perSecond) => {
        expect(mostInASecond(grant(asked, perSecond))).toBeLessThanOrEqual(perSecond);
      }),
    );
  });

  it('no more writes begin than the quota, breach mode included, and no more ordinary ones than their share', () => {
    fc.assert(
      fc.property(storm(either), share, (asked, perSecond) => {
        const granted = grant(asked, perSecond);
        expect(mostInASecond(granted)).toBeLessThanOrEqual(VAULT_WRITES_QUOTA);
        const usual = granted.filter(({ lane }) => lane === 'ordinary');
        expect(mostInASecond(usual)).toBeLessThanOrEqual(perSecond);
      }),
    );
  });

  it('a clock that is set back, by some seconds in all, makes turns later and never more', () => {
    const jumps = fc.array(fc.integer({ min: -900, max: -1 }), { maxLength: 10 });
    fc.assert(
      fc.property(storm(ordinary), jumps, (asked, backwards) => {
        const jumping = asked.map((ask, index) => ({
          ...ask,
          jumpMs: index % 30 === 29 ? (backwards[(index - 29) / 30] ?? 0) : 0,
        }));
        expect(mostInASecond(grant(jumping))).toBeLessThanOrEqual(VAULT_WRITES_PER_SECOND);
      }),
    );
  });

  it('a clock that jumps once a second, however far and whichever way, does not break the quota', () => {
    const second = fc.record({
      asks: fc.array(asking(ordinary, 40), { minLength: 25, maxLength: 60 }),
      jumpMs: fc.integer({ min: -86_400_000, max: 86_400_000 }),
    });
    fc.assert(
      fc.property(fc.array(second, { maxLength: 6 }), (seconds) => {
        const asked = seconds.flatMap(({ asks, jumpMs }) => {
          const jump = { afterMs: 1000, writes: 1, lane: 'ordinary', jumpMs } as const;
          return [jump, ...asks];
        });
        expect(mostInASecond(grant(asked))).toBeLessThanOrEqual(VAULT_WRITES_QUOTA);
      }),
    );
  });
});

describe('a turn', () => {
  const wish = { writes: 2, lane: 'ordinary', ordinaryPerSecond: VAULT_WRITES_PER_SECOND } as const;
  const now = new Date(START);

  it('is had at once where nobody has written for a moment, and saves nothing up for later', () => {
    const first = nextTurn(undefined, wish, now);
    expect(first.waitMs).toBe(0);
    const hourLater = new Date(START + 3_600_000);
    const second = nextTurn(first.after, wish, hourLater);
    expect(second.waitMs).toBe(0);
    expect(nextTurn(second.after, wish, hourLater).waitMs).toBeGreaterThan(0);
  });

  it('comes in steps that let sixteen rotations begin in a second', () => {
    const asked = Array.from({ length: 400 }, () => ({ afterMs: 5, writes: 2, lane: 'ordinary' }) as const);
    const granted = grant(asked);
    const seconds = ((granted.at(-1)?.at ?? 0) - (granted[0]?.at ?? 0)) / 1000;
    expect(Math.round((granted.length - 1) / seconds)).toBe(16);
  });

  it.each([LEAST_WRITES_PER_SECOND, VAULT_WRITES_PER_SECOND])(
    'of breach mode does not wait for ordinary ones (%i a second), and makes none of them earlier',
    (ordinaryPerSecond) => {
      const usually = { ...wish, ordinaryPerSecond };
      const before = nextTurn(undefined, usually, now).after;
      const usual = nextTurn(before, usually, now);
      const breach = nextTurn(before, { ...usually, writes: 1, lane: 'whole' }, now);
      expect(breach.waitMs).toBeLessThan(usual.waitMs);
      expect(nextTurn(breach.after, usually, now).waitMs).toBeGreaterThanOrEqual(usual.waitMs);
    },
  );

  it('waits until both lanes are free: what breach mode has taken counts for all', () => {
    const soon = new Date(START + 100).toISOString();
    expect(nextTurn({ ordinaryFrom: now.toISOString(), wholeFrom: soon }, wish, now).waitMs).toBe(100);
    expect(nextTurn({ ordinaryFrom: soon, wholeFrom: now.toISOString() }, wish, now).waitMs).toBe(100);
  });

  it.each([
    ['an hour ahead of ours', '2026-11-28T13:00:00.000Z'],
    ['that is no instant', 'yesterday'],
  ])('is not put off by a row %s', (_what, from) => {
    expect(nextTurn({ ordinaryFrom: from, wholeFrom: from }, wish, now).waitMs).toBe(0);
  });
});
