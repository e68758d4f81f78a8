import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { matchAttempts, matchByMark, type BookedAttempt } from '../../../embedded/view/match-attempts.ts';

const at = (second: number): string =>
  new Date(Date.UTC(2026, 0, 1) + Math.round(second * 1000)).toISOString();

const attempt = (began: number, ended: number, parts: Partial<BookedAttempt> = {}): BookedAttempt => ({
  began: at(began),
  ended: at(ended),
  mark: '50000',
  key: 'rag_a',
  outcome: 'served',
  ...parts,
});

describe('attempts of two books', () => {
  it('match where port, outcome and time are the same', () => {
    const ours = attempt(1, 1.1);
    const theirs = attempt(1.05, 1.05);
    expect(matchAttempts([ours], [theirs])).toEqual({
      pairs: [[ours, theirs]],
      onlyOurs: [],
      onlyTheirs: [],
    });
  });

  it.each<[string, Partial<BookedAttempt>]>([
    ['another port', { mark: '50001' }],
    ['another outcome: a refusal that was counted as served is no agreement', { outcome: 'failed' }],
    ['another role', { key: 'rag_b' }],
    ['no port: it never reached anybody', { mark: undefined as unknown as string }],
  ])('do not match with %s', (_, parts) => {
    const [ours, theirs] = [attempt(1, 1.1), attempt(1.05, 1.05, parts)];
    expect(matchAttempts([ours], [theirs])).toEqual({ pairs: [], onlyOurs: [ours], onlyTheirs: [theirs] });
  });

  it('match where the server never learnt the role: the client was gone before it had said it', () => {
    const { key: _, ...unknown } = attempt(5.2, 5.2, { outcome: 'failed' });
    expect(matchAttempts([attempt(0, 5, { outcome: 'failed' })], [unknown]).pairs).toHaveLength(1);
  });
});

describe('attempts from one port', () => {
  it('of one port that is used again are told apart, in whatever order they are written', () => {
    const ours = [attempt(1, 1.1), attempt(1.2, 1.3), attempt(40, 40.1)];
    const theirs = [attempt(1.01, 1.01), attempt(1.21, 1.21), attempt(40.01, 40.01)];
    const { pairs, onlyOurs, onlyTheirs } = matchAttempts(ours.toReversed(), theirs.toReversed());
    expect([onlyOurs, onlyTheirs]).toEqual([[], []]);
    for (const [mine, other] of pairs) expect(theirs.indexOf(other)).toBe(ours.indexOf(mine));
  });

  it('match once: what the server saw twice and we counted once is a difference', () => {
    const { pairs, onlyTheirs } = matchAttempts(
      [attempt(1, 1.1)],
      [attempt(1.01, 1.01), attempt(1.02, 1.02)],
    );
    expect([pairs.length, onlyTheirs.length]).toEqual([1, 1]);
  });

  it('are not held to be those of long before, from the same port', () => {
    const { pairs, onlyOurs, onlyTheirs } = matchAttempts([attempt(50, 50.1)], [attempt(1, 1)]);
    expect([pairs.length, onlyOurs.length, onlyTheirs.length]).toEqual([0, 1, 1]);
  });

  it('of which we know only when they had ended are the last ones from their port', () => {
    // given an attempt of a dependent, and later one of Lockstep's own from the same port
    const [dependents, own] = [attempt(10, 10.1), attempt(0, 60)];
    const [first, second] = [attempt(10.05, 10.05), attempt(59.9, 59.9)];
    const { pairs, onlyTheirs } = matchAttempts([own], [first, second]);
    expect(pairs).toEqual([[own, second]]);
    expect(matchAttempts([dependents], onlyTheirs).pairs).toEqual([[dependents, first]]);
  });

  it('from a busy machine, written long after, match all the same', () => {
    expect(
      matchAttempts([attempt(1, 6, { outcome: 'failed' })], [attempt(20, 20, { outcome: 'failed' })]).pairs,
    ).toHaveLength(1);
    expect(matchAttempts([attempt(1, 6)], [attempt(60, 60)]).pairs).toHaveLength(0);
  });
});

describe('attempts of any clients', () => {
  it('match all, whatever the clients do, as long as a port has one client at a time', () => {
    const uses = fc.array(
      fc.record({
        port: fc.integer({ min: 1, max: 3 }),
        wait: fc.integer({ min: 1, max: 2000 }),
        takes: fc.integer({ min: 0, max: 5000 }),
        late: fc.integer({ min: 0, max: 100 }),
        served: fc.boolean(),
      }),
      { maxLength: 40 },
    );
    fc.assert(
      fc.property(uses, fc.func(fc.boolean()), (clients, coin) => {
        const free = new Map<number, number>();
        const made = clients.map(({ port, wait, takes, late, served }) => {
          const began = (free.get(port) ?? 0) + wait;
          const ended = began + takes;
          free.set(port, ended);
          const same = { mark: String(port), outcome: served ? ('served' as const) : ('failed' as const) };
          // the server looks while the client tries
          const seen = began + Math.round((takes * late) / 100);
          return [
            attempt(began / 1000, ended / 1000, same),
            attempt(seen / 1000, seen / 1000, same),
          ] as const;
        });
        const shuffled = <T>(all: readonly T[]): readonly T[] =>
          all.toSorted((a, b) => (coin(a, b) ? 1 : -1));
        const { pairs, onlyOurs, onlyTheirs } = matchAttempts(
          shuffled(made.map(([ours]) => ours)),
          shuffled(made.map(([, theirs]) => theirs)),
        );
        expect([pairs.length, onlyOurs, onlyTheirs]).toEqual([made.length, [], []]);
      }),
    );
  });
});

describe('notices', () => {
  it('match by their id alone; one that came twice was told once', () => {
    const ours = [attempt(1, 1, { mark: 'a' }), attempt(9, 9, { mark: 'a' }), attempt(2, 2, { mark: 'b' })];
    const theirs = [attempt(400, 400, { mark: 'a' }), attempt(3, 3, { mark: 'c' })];
    const { pairs, onlyOurs, onlyTheirs } = matchByMark(ours, theirs);
    expect(pairs).toEqual([[ours[0], theirs[0]]]);
    expect([onlyOurs, onlyTheirs]).toEqual([[ours[2]], [theirs[1]]]);
  });
});
