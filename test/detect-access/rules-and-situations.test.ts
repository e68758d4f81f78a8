import { describe, expect, it } from 'vitest';
import { aRecord } from '../core/watch/a-record.ts';
import { aWatch } from './a-watch.ts';
import { ODD } from './odd-situations.ts';
import { ORDINARY } from './ordinary-situations.ts';
import type { Situation } from './situation.ts';

/** Runs a situation and returns what was found, sorted. */
async function found({ rotations = [], intents = [], calls }: Situation): Promise<readonly string[]> {
  const watch = aWatch();
  for (const rotation of rotations)
    await watch.given('rotation', rotation.credential, rotation.token, rotation);
  for (const [credential, each] of intents)
    await watch.given('intent', credential, `i-${each.openedAt}`, each);
  for (const [index, call] of calls.entries()) await watch.detect(aRecord({ ...call, id: `e${index}` }));
  const findings = await watch.findings();
  return findings.map(({ rule, severity, credential = '-' }) => `${rule} ${severity} ${credential}`).sort();
}

describe('the rules in ordinary situations find nothing', () => {
  it.each(ORDINARY)('$when', async (situation) => {
    expect(await found(situation)).toEqual([]);
  });
});

describe('the rules in odd situations', () => {
  it.each(ODD)('$when: $gives', async (situation) => {
    expect(await found(situation)).toEqual(situation.gives);
  });
});
