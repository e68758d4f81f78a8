import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { play } from './play.ts';
import { anyFineStory, anyStory, type Story } from './story.ts';

/** How many stories each property plays; `LOCKSTEP_RUNS` and `LOCKSTEP_SEED` ask for more, or for others. */
const RUNS = Number(process.env['LOCKSTEP_RUNS'] ?? 20);
const SEED = process.env['LOCKSTEP_SEED'];
const options = (runs: number) => ({
  numRuns: runs,
  ...(SEED === undefined ? {} : { seed: Number(SEED) }),
  verbose: 1 as const,
});

async function holds(story: Story): Promise<void> {
  const world = await play(story);
  world.stores.judge.assertClean();
  expect(world.oracle.violations).toEqual([]);
}

describe('any story of the pipeline', () => {
  it('keeps every promise on a fine day', { timeout: 3_600_000 }, async () => {
    await fc.assert(fc.asyncProperty(anyFineStory, holds), options(RUNS));
  });

  it('keeps every promise in any weather', { timeout: 3_600_000 }, async () => {
    await fc.assert(fc.asyncProperty(anyStory, holds), options(RUNS));
  });
});
