import { expect, it } from 'vitest';
import { example } from '../the-example.ts';
import { usedIn, usedInVectors } from '../what-policies-use.ts';

it('evaluated: whatever our policies use is in a vector that the evaluators of others agree with', () => {
  const known = usedInVectors();
  for (const environment of example().environments) {
    const used = usedIn(environment);
    expect(used.length).toBeGreaterThan(0);
    expect(used.filter((each) => !known.has(each))).toEqual([]);
  }
});
