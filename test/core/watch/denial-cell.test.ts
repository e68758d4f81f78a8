import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  burstEvidence,
  cellStart,
  isBurst,
  neighbourStart,
  rememberDenial,
  type Denial,
  type DenialCell,
} from '../../../lambdas/core/watch/denial-cell.ts';
import { at } from './a-workspace.ts';

/** The cells of a principal after these calls, in this order. */
function afterAll(denials: readonly Denial[]): ReadonlyMap<string, DenialCell> {
  const cells = new Map<string, DenialCell>();
  for (const denial of denials) {
    const from = cellStart(denial.at);
    cells.set(from, rememberDenial(cells.get(from), denial, cells.get(neighbourStart(from, 1))));
  }
  return cells;
}

const bursts = (cells: ReadonlyMap<string, DenialCell>): readonly string[] =>
  [...cells]
    .filter(([from, cell]) => isBurst(cell, cells.get(neighbourStart(from, 1))))
    .map(([from]) => from)
    .sort();

/** The rule in its own words, over every call there was: five calls over three secrets within ten minutes. */
function burstsByHand(denials: readonly Denial[]): readonly string[] {
  const distinct = [...new Map(denials.map((each) => [each.eventId, each])).values()];
  const starts = distinct.filter((first) => {
    const from = Date.parse(first.at);
    const within = distinct.filter(
      (each) => Date.parse(each.at) >= from && Date.parse(each.at) < from + 600_000,
    );
    const secrets = new Set(within.flatMap(({ secret }) => secret ?? []));
    return within.length >= 5 && secrets.size >= 3;
  });
  return [...new Set(starts.map((each) => cellStart(each.at)))].sort();
}

const MANY = ['a', 'b', 'c', 'd', 'e', 'f'];
/** Mostly two secrets, so that a long flood is no burst until one call at either end makes it one. */
const FEW = [...Array.from({ length: 20 }, (_, n) => (n % 2 === 0 ? 'a' : 'b')), 'c'];

const denials = (spread: number, most: number, secrets = MANY): fc.Arbitrary<readonly Denial[]> =>
  fc
    .array(
      fc.record({
        second: fc.integer({ min: 0, max: spread }),
        secret: fc.option(fc.constantFrom(...secrets), { nil: undefined }),
      }),
      { maxLength: most, size: 'max' },
    )
    .map((calls) =>
      calls.map(({ second, secret }, index) => ({
        at: at(0, second),
        eventId: `e${index}`,
        ...(secret === undefined ? {} : { secret }),
      })),
    );

/** The same calls in another order, some of them again. */
const disturbed = (calls: readonly Denial[]): fc.Arbitrary<readonly Denial[]> =>
  fc
    .tuple(
      fc.shuffledSubarray([...calls], { minLength: calls.length }),
      fc.array(fc.nat({ max: Math.max(0, calls.length - 1) }), { maxLength: 5 }),
    )
    .map(([shuffled, again]) => [...shuffled, ...again.flatMap((index) => calls[index] ?? [])]);

describe('the memory of refused calls', { timeout: 60_000 }, () => {
  it.each([
    ['sparse', 4000, 14, MANY],
    ['dense', 1300, 60, MANY],
    ['a flood over few secrets', 1300, 60, FEW],
  ])('answers as if it had kept every call, in any order (%s)', (_name, spread, most, secrets) => {
    fc.assert(
      fc.property(
        denials(spread, most, secrets).chain((calls) => fc.tuple(fc.constant(calls), disturbed(calls))),
        ([calls, inAnyOrder]) => {
          expect(bursts(afterAll(inAnyOrder))).toEqual(burstsByHand(calls));
        },
      ),
      { numRuns: 400 },
    );
  });

  it('names the same evidence whatever the order', () => {
    fc.assert(
      fc.property(
        denials(1300, 40).chain((calls) => fc.tuple(fc.constant(calls), disturbed(calls))),
        ([calls, inAnyOrder]) => {
          const evidence = (cells: ReadonlyMap<string, DenialCell>): readonly unknown[] =>
            bursts(cells).map((from) => {
              const cell = cells.get(from);
              return cell && burstEvidence(cell, cells.get(neighbourStart(from, 1)));
            });
          expect(evidence(afterAll(inAnyOrder))).toEqual(evidence(afterAll(calls)));
        },
      ),
      { numRuns: 300 },
    );
  });
});

describe('the memory of refused calls, by example', () => {
  it('stays small in a flood, and stops writing once it has said its word', () => {
    // given five calls a second over forty secrets, all through the stretch
    const flood = Array.from({ length: 3000 }, (_, index) => ({
      at: at(0, Math.floor(index / 5)),
      eventId: `e${String(index).padStart(5, '0')}`,
      secret: `s${index % 40}`,
    }));

    // when they arrive in order
    let cell: DenialCell | undefined;
    let writes = 0;
    for (const denial of flood) {
      const after = rememberDenial(cell, denial, undefined);
      if (after !== cell) writes += 1;
      cell = after;
    }

    // then a burst is known, in a few entries and writes
    expect(isBurst(cell, undefined)).toBe(true);
    expect((cell?.earliest.length ?? 0) + (cell?.latest.length ?? 0)).toBeLessThanOrEqual(16);
    expect(writes).toBeLessThanOrEqual(10);
  });

  it('sees a burst across the border of two stretches', () => {
    const calls = [8, 9, 9, 11, 12].map((minute, index) => ({
      at: at(minute, index),
      eventId: `e${index}`,
      secret: `s${index % 3}`,
    }));
    expect(bursts(afterAll(calls))).toEqual([at(0)]);
  });

  it('is exact at the edge: the fifth call in the tenth minute counts, one second later it does not', () => {
    const calls = (last: number): readonly Denial[] =>
      [0, 1, 2, 3, last].map((second, index) => ({
        at: at(0, second),
        eventId: `e${index}`,
        secret: `s${index}`,
      }));
    expect(bursts(afterAll(calls(599)))).toEqual([at(0)]);
    expect(bursts(afterAll(calls(600)))).toEqual([]);
  });
});
