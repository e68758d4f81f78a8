import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anyFineLeaseStory, anyHastyLeaseStory, anyLeaseStory, type LeaseStory } from './lease-story.ts';
import { playLeases, playWithoutRounds } from './play-leases.ts';

/** How many stories each property plays; `LOCKSTEP_RUNS` and `LOCKSTEP_SEED` ask for more, or for others. */
const RUNS = Number(process.env['LOCKSTEP_RUNS'] ?? 20);
const SEED = process.env['LOCKSTEP_SEED'];
const options = {
  numRuns: RUNS,
  ...(SEED === undefined ? {} : { seed: Number(SEED) }),
  verbose: 0 as const,
};

async function holds(story: LeaseStory): Promise<void> {
  expect(await playLeases(story)).toEqual([]);
}

describe('any story of leases', () => {
  it('keeps every promise on a fine day', { timeout: 3_600_000 }, async () => {
    await fc.assert(fc.asyncProperty(anyFineLeaseStory, holds), options);
  });

  it('keeps every promise in any weather', { timeout: 3_600_000 }, async () => {
    await fc.assert(fc.asyncProperty(anyLeaseStory, holds), options);
  });

  it(
    'carries out every end at once, whoever meets whom at a target, and waits for no clock',
    {
      timeout: 3_600_000,
    },
    async () => {
      const isPrompt = async (story: LeaseStory): Promise<void> => {
        expect(await playWithoutRounds(story)).toEqual([]);
      };
      await fc.assert(fc.asyncProperty(anyHastyLeaseStory, isPrompt), options);
    },
  );
});
