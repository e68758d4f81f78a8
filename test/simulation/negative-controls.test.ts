import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { play } from './play.ts';
import {
  acknowledgesFalsely,
  auditsNo,
  LEAKS,
  retiresBeforeAdoption,
  retiresBeforeTheDrain,
  skipsPropagation,
} from './sabotage.ts';
import type { Sabotage } from './stores.ts';
import { anyStory, type Story } from './story.ts';
import { FINE } from './weather.ts';

/** A short story on a fine day: every sort of credential is rotated once, with dependents that move and some that lag. */
const STORY: Story = {
  casting: {
    habits: { store: ['prompt', 'sessions'], agents: ['prompt', 'lagging'], hook: ['prompt', 'fleet'] },
    onDeadline: 'hold-and-page',
    mintsReversibly: false,
  },
  climate: FINE,
  deeds: [0, 1, 2, 3, 4].map((who) => ({
    afterSeconds: 0,
    afterTurns: 0,
    does: { kind: 'rotate' as const, who },
  })),
  isReleased: true,
};

/** Everything that the suite would have said about a story. */
async function verdict(story: Story, sabotage?: Sabotage): Promise<readonly string[]> {
  const { stores, oracle } = await play(story, sabotage);
  return [...stores.judge.breaches(), ...oracle.violations];
}

const CONTROLS: readonly (readonly [string, Sabotage, RegExp])[] = [
  ['retires before adoption', retiresBeforeAdoption, /^\[2\] revoke of .* still uses that version$/],
  ['retires before the drain is over', retiresBeforeTheDrain, /^\[2\] .* still uses that version$/],
  ['skips propagation', skipsPropagation, /^\[6\] .* waits for .*-prompt/],
  [
    'acknowledges falsely',
    acknowledgesFalsely,
    /^\[2\] .* counts as moved to a version that it never proved$/,
  ],
  ['writes no intent', auditsNo('intent'), /^\[4\] .* no open intent in the audit$/],
  ['writes no outcome', auditsNo('outcome'), /^\[4\] an intent without an outcome or a later try/],
];

describe('the story of the negative controls', () => {
  it('is clean as long as nothing is sabotaged', async () => {
    expect(await verdict(STORY)).toEqual([]);
  });
});

describe('a pipeline that', () => {
  it.each(CONTROLS)('%s turns the run red', async (_what, sabotage, said) => {
    expect(await verdict(STORY, sabotage)).toContainEqual(expect.stringMatching(said));
  });

  it.each(CONTROLS)('%s is met by the property as well', { timeout: 120_000 }, async (_what, sabotage) => {
    const holds = async (story: Story): Promise<boolean> => (await verdict(story, sabotage)).length === 0;
    const { failed } = await fc.check(fc.asyncProperty(anyStory, holds), {
      numRuns: 60,
      seed: 1,
      endOnFailure: true,
    });
    expect(failed).toBe(true);
  });
});

const SPELLINGS: Readonly<Record<string, (value: string) => string>> = {
  'as it is': (value) => value,
  'in base64': (value) => Buffer.from(value).toString('base64'),
  'in hex': (value) => Buffer.from(value).toString('hex'),
  'as part of a URL': (value) => encodeURIComponent(value),
  'as JSON in JSON': (value) => JSON.stringify(value),
};

describe('a value that leaks once', () => {
  it.each(Object.entries(LEAKS))('into %s turns the run red', async (_where, leak) => {
    const found = await verdict(
      STORY,
      leak((value) => value),
    );
    expect(found).toContainEqual(expect.stringMatching(/^a forbidden value .* was written into/));
  });

  it.each(Object.entries(SPELLINGS))('%s is recognised', async (_how, spelling) => {
    const found = await verdict(STORY, LEAKS['a row of the ledger'](spelling));
    expect(found).toContainEqual(expect.stringMatching(/^a forbidden value .* was written into/));
  });
});
