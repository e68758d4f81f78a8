import * as fc from 'fast-check';
import type { LeaserCapabilities } from '../../../lambdas/core/ports/leaser.ts';
import { climate } from '../story.ts';
import { FINE, type Climate } from '../weather.ts';
import { HOLDERS, LEASED, LONGEST_SECONDS } from './lease-cast.ts';

/** One thing that somebody does, so many seconds after the thing before, and then so many turns of others. */
export interface LeaseDeed {
  readonly afterSeconds: number;
  readonly afterTurns: number;
  /** At which of the deployments that share the target; the first one where absent. */
  readonly at?: number;
  readonly does:
    | {
        readonly kind: 'lease';
        readonly who: number;
        readonly what: number;
        /** The same number again is the same request, asked once more. */
        readonly request: number;
        readonly ttlSeconds: number;
        readonly connects: boolean;
      }
    | { readonly kind: 'renew' | 'release'; readonly which: number; readonly ttlSeconds: number }
    | { readonly kind: 'revoke'; readonly by: 'lease' | 'leasable' | 'agent' | 'all'; readonly which: number }
    | { readonly kind: 'drop' | 'plant'; readonly which: number }
    | { readonly kind: 'breach' | 'kill' | 'round' }
    | { readonly kind: 'down' | 'jump'; readonly seconds: number };
}

/** A story of leases: in what climate, and what is done. Everything that happens follows from it. */
export interface LeaseStory {
  readonly climate: Climate;
  /** What the target can do: each net is missing in some stories. */
  readonly target: Pick<LeaserCapabilities, 'expiresAtTarget' | 'listsOurs'>;
  /** How many deployments have their leases at the target, with the same names. */
  readonly deployments?: 1 | 2;
  readonly deeds: readonly LeaseDeed[];
}

const which = fc.nat({ max: 5 });
const ttlSeconds = fc.constantFrom(60, 300, LONGEST_SECONDS);

const does: fc.Arbitrary<LeaseDeed['does']> = fc.oneof(
  {
    weight: 10,
    arbitrary: fc.record({
      kind: fc.constant('lease' as const),
      who: fc.nat({ max: HOLDERS.length - 1 }),
      what: fc.nat({ max: LEASED.length - 1 }),
      request: fc.nat({ max: 9 }),
      ttlSeconds,
      connects: fc.boolean(),
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({ kind: fc.constantFrom('renew' as const, 'release' as const), which, ttlSeconds }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('revoke' as const),
      by: fc.constantFrom('lease', 'leasable', 'agent', 'all'),
      which,
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constantFrom('drop' as const, 'plant' as const), which }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constantFrom('breach' as const, 'kill' as const) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('down' as const),
      seconds: fc.constantFrom(60, 900, 4 * 3600),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('jump' as const),
      seconds: fc.constantFrom(-3600, -90, 90, 3600, 86_400),
    }),
  },
);

const deed: fc.Arbitrary<LeaseDeed> = fc.record({
  afterSeconds: fc.oneof(fc.constant(0), fc.nat({ max: 20 }), fc.nat({ max: 400 }), fc.nat({ max: 2000 })),
  afterTurns: fc.oneof(fc.constant(0), fc.nat({ max: 60 })),
  at: fc.nat({ max: 1 }),
  does,
});

/** Any story. */
export const anyLeaseStory: fc.Arbitrary<LeaseStory> = fc.record({
  climate,
  target: fc.record({ expiresAtTarget: fc.boolean(), listsOurs: fc.boolean() }),
  deployments: fc.constantFrom(1, 2),
  deeds: fc.array(deed, { minLength: 1, maxLength: 14 }),
});

/** Any story on a fine day. */
export const anyFineLeaseStory: fc.Arbitrary<LeaseStory> = anyLeaseStory.map((story) => ({
  ...story,
  climate: { ...FINE, seed: story.climate.seed },
}));

/** Leases, as many as their limits let there be, each asked for by itself. */
const fullHouse: readonly LeaseDeed[] = [0, 1, 2, 3, 4, 5].map((request) => ({
  afterSeconds: 1,
  afterTurns: 0,
  does: {
    kind: 'lease',
    who: request % HOLDERS.length,
    what: request % LEASED.length,
    request,
    ttlSeconds: LONGEST_SECONDS,
    connects: request % 2 === 0,
  },
}));

/** What ends one lease, and whatever else it hits, somewhere in the middle of a round. */
const meeting = (nth: number): fc.Arbitrary<readonly LeaseDeed[]> =>
  fc
    .record({
      turns: fc.nat({ max: 160 }),
      end: fc.oneof(
        { weight: 4, arbitrary: fc.constant({ kind: 'release', which: nth, ttlSeconds: 60 } as const) },
        { weight: 2, arbitrary: fc.constant({ kind: 'revoke', by: 'lease', which: nth } as const) },
        { weight: 1, arbitrary: fc.constant({ kind: 'revoke', by: 'leasable', which: nth } as const) },
      ),
      turnsBehind: fc.nat({ max: 60 }),
      behind: fc.constantFrom('round' as const, 'breach' as const, undefined),
    })
    .map(({ turns, end, turnsBehind, behind }) => [
      // By then everything that a target has is compared again: a round that takes long.
      { afterSeconds: 301, afterTurns: 0, does: { kind: 'round' } },
      { afterSeconds: 0, afterTurns: turns, does: end },
      ...(behind ? [{ afterSeconds: 0, afterTurns: turnsBehind, does: { kind: behind } }] : []),
    ]);

/**
 * Any story in which nothing fails, and one lease after another ends while the sweeper is at its target: events come twice
 * and in any order, and invocations overtake each other at every call.
 */
export const anyHastyLeaseStory: fc.Arbitrary<LeaseStory> = fc
  .record({
    seed: fc.nat(),
    target: fc.record({ expiresAtTarget: fc.boolean(), listsOurs: fc.constant(true) }),
    meetings: fc.tuple(...fullHouse.map((_, nth) => meeting(nth))),
  })
  .map(({ seed, target, meetings }) => ({
    climate: { ...FINE, seed, repeated: 0.3, isShuffled: true, isInterleaved: true },
    target,
    deeds: [...fullHouse, ...meetings.flat()],
  }));
