import * as fc from 'fast-check';
import { CAST, HABITS, type Casting, type Habit, type Role } from './cast.ts';
import { FINE, type Climate } from './weather.ts';

/** One thing that somebody does, so many seconds after the thing before, and then so many turns of others. */
export interface Deed {
  readonly afterSeconds: number;
  readonly afterTurns: number;
  readonly does:
    | {
        readonly kind: 'rotate' | 'hold' | 'release' | 'force' | 'roll-back' | 'breach';
        readonly who: number;
      }
    | { readonly kind: 'cadence'; readonly who: number; readonly request: number }
    | { readonly kind: 'redrive' | 'kill' }
    | { readonly kind: 'jump'; readonly seconds: number };
}

/** A story: who plays, in what climate, and what is done. Everything that happens follows from it. */
export interface Story {
  readonly casting: Casting;
  readonly climate: Climate;
  readonly deeds: readonly Deed[];
  /** Whether somebody releases every hold in the end. */
  readonly isReleased: boolean;
}

const who = fc.nat({ max: CAST.length - 1 });

const does: fc.Arbitrary<Deed['does']> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ kind: fc.constant('rotate' as const), who }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('roll-back' as const), who }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constantFrom('hold' as const, 'release' as const), who }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('force' as const), who }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('breach' as const), who }) },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('cadence' as const), who, request: fc.nat({ max: 2 }) }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constantFrom('redrive' as const, 'kill' as const) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('jump' as const),
      seconds: fc.constantFrom(-3600, -90, 90, 3600, 86_400),
    }),
  },
);

const deed: fc.Arbitrary<Deed> = fc.record({
  // Often at once, in the middle of what others do; sometimes past a drain or a deadline.
  afterSeconds: fc.oneof(fc.constant(0), fc.nat({ max: 20 }), fc.nat({ max: 900 }), fc.nat({ max: 9000 })),
  afterTurns: fc.oneof(fc.constant(0), fc.nat({ max: 400 })),
  does,
});

const habit: fc.Arbitrary<Habit> = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...HABITS.slice(0, 8)) },
  { weight: 1, arbitrary: fc.constantFrom(...HABITS.slice(8)) },
);

const habits: fc.Arbitrary<Casting['habits']> = fc
  .uniqueArray(fc.constantFrom<Role>('store', 'queue', 'agents', 'hook', 'db-admin', 'api-admin'), {
    minLength: 1,
    maxLength: 3,
  })
  .chain((roles) =>
    fc
      .tuple(...roles.map(() => fc.array(habit, { minLength: 0, maxLength: 3 })))
      .map((played) => Object.fromEntries(roles.map((role, at) => [role, played[at] ?? []]))),
  );

const casting: fc.Arbitrary<Casting> = fc.record({
  habits,
  onDeadline: fc.constantFrom('hold-and-page', 'retire-anyway', 'roll-back'),
  mintsReversibly: fc.boolean(),
});

const share = (...values: readonly number[]) => fc.constantFrom(0, ...values);

/** Any climate. */
export const climate: fc.Arbitrary<Climate> = fc.record({
  seed: fc.nat(),
  lost: share(0.01, 0.04, 0.1),
  deaths: share(0.003, 0.01),
  repeated: share(0.2, 0.5),
  delaySeconds: share(3, 30),
  isShuffled: fc.boolean(),
  doubledSteps: share(0.3, 0.7),
  replays: share(0.2),
  stale: share(0.1, 0.3),
  isInterleaved: fc.boolean(),
  stalls: share(0.01),
});

/** Any story. Fleets need a clock that nobody sets: a drain that is cut short by a jump protects no cache. */
export const anyStory: fc.Arbitrary<Story> = fc
  .record({
    casting,
    climate,
    deeds: fc.array(deed, { minLength: 1, maxLength: 10 }),
    isReleased: fc.boolean(),
  })
  .map(withoutFleetsUnderJumps);

/** Any story on a fine day. */
export const anyFineStory: fc.Arbitrary<Story> = anyStory.map((story) => ({
  ...story,
  climate: { ...FINE, seed: story.climate.seed },
}));

function withoutFleetsUnderJumps(story: Story): Story {
  if (!story.deeds.some(({ does: { kind } }) => kind === 'jump')) return story;
  const played = Object.entries(story.casting.habits).map(([role, each]) => [
    role,
    each.map((one) => (one === 'fleet' ? 'prompt' : one)),
  ]);
  return { ...story, casting: { ...story.casting, habits: Object.fromEntries(played) } };
}
