import { expect, it } from 'vitest';
import { problemsWith } from '../a-workspace.ts';

const DAY = 86_400;

it('refuses a cadence that leaves no room for a rotation which waits until its deadline', () => {
  // cache 300 + drain 3600 + soak 3600 + deadline 78900 = one day exactly, and the cadence is one day
  expect(problemsWith({ 'credentials.model.retire': { deadline: { seconds: DAY - 7500 } } })).toEqual([
    {
      path: 'credentials.model.rotateEvery',
      found:
        'a rotation every 1 day, while one may take 1 day (slowest cache 5 minutes + drain 1 hour + soak 1 hour + deadline 1315 minutes)',
      allowed: 'a cadence of more than 1 day',
      mend: 'rotate less often, or shorten the deadline, the drain or the soak in retire',
    },
  ]);
});

it('takes a cadence that is one second longer', () => {
  expect(problemsWith({ 'credentials.model.retire': { deadline: { seconds: DAY - 7501 } } })).toEqual([]);
});
