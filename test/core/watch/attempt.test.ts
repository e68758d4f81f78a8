import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  dayOf,
  neighbourDay,
  refusedThenServed,
  rememberRefusal,
  rememberServing,
  type Attempt,
} from '../../../lambdas/core/watch/attempt.ts';
import { at } from './a-workspace.ts';

interface Try {
  readonly at: string;
  readonly eventId: string;
  readonly refused: boolean;
}

function afterAll(tries: readonly Try[]): ReadonlyMap<string, Attempt> {
  const days = new Map<string, Attempt>();
  for (const each of tries) {
    const day = dayOf(each.at);
    const before = days.get(day);
    days.set(day, each.refused ? rememberRefusal(before, each) : rememberServing(before, each.at));
  }
  return days;
}

const followed = (days: ReadonlyMap<string, Attempt>): readonly string[] =>
  [...days]
    .flatMap(([day, attempt]) => refusedThenServed(attempt, days.get(neighbourDay(day, 1)))?.eventId ?? [])
    .sort();

/** In its own words: the first refusal of a day, and an answer in its minute or later, until the next day ends. */
function followedByHand(tries: readonly Try[]): readonly string[] {
  const minute = (instant: string): string => instant.slice(0, 16);
  const firsts = new Map<string, Try>();
  const order = (one: Try, other: Try): number =>
    `${one.at} ${one.eventId}` < `${other.at} ${other.eventId}` ? -1 : 1;
  for (const each of tries.filter(({ refused }) => refused).sort(order))
    if (!firsts.has(dayOf(each.at))) firsts.set(dayOf(each.at), each);
  return [...firsts]
    .filter(([day, first]) =>
      tries.some(
        (each) =>
          !each.refused &&
          minute(each.at) >= minute(first.at) &&
          [day, neighbourDay(day, 1)].includes(dayOf(each.at)),
      ),
    )
    .map(([, { eventId }]) => eventId)
    .sort();
}

const tries = fc
  .array(
    fc.record({
      minute: fc.integer({ min: 0, max: 5000 }),
      second: fc.integer({ min: 0, max: 59 }),
      refused: fc.boolean(),
    }),
    {
      maxLength: 12,
    },
  )
  .map((all) =>
    all.map(({ minute, second, refused }, index) => ({
      at: at(minute, second),
      eventId: `e${index}`,
      refused,
    })),
  );

describe('the memory of refusals and answers', () => {
  it('answers as if it had kept every one, in any order and with repeats', () => {
    fc.assert(
      fc.property(
        tries.chain((all) =>
          fc.tuple(fc.constant(all), fc.shuffledSubarray([...all, ...all], { minLength: all.length * 2 })),
        ),
        ([all, inAnyOrder]) => {
          expect(followed(afterAll(inAnyOrder))).toEqual(followedByHand(all));
        },
      ),
      { numRuns: 1500 },
    );
  });

  it('costs a busy reader one write a minute', () => {
    const first = rememberServing(undefined, at(0, 1));
    expect(rememberServing(first, at(0, 59))).toBe(first);
    expect(rememberServing(first, at(1, 0))).not.toBe(first);
  });

  it('finds nothing in an answer that came before the refusal', () => {
    const day = rememberRefusal(rememberServing(undefined, at(0)), { at: at(2), eventId: 'e' });
    expect(refusedThenServed(day, undefined)).toBeUndefined();
  });
});
