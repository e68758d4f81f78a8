import { expect, it } from 'vitest';
import { problemsWith } from '../a-workspace.ts';

const HASTY = { afterAdoption: { seconds: 300 }, soak: { seconds: 1 }, deadline: { seconds: 290 } };

it('refuses a cadence that Secrets Manager cannot keep up with', () => {
  expect(
    problemsWith({
      'credentials.api-hook.rotateEvery': { seconds: 599 },
      'credentials.api-hook.retire': {
        ...HASTY,
        deadline: { seconds: 100 },
        afterAdoption: { seconds: 100 },
      },
      'credentials.api-hook.dependents.0.cacheTtl': { seconds: 60 },
    }),
  ).toEqual([
    {
      path: 'credentials.api-hook.rotateEvery',
      found: 'a rotation every 599 seconds',
      allowed: 'at least 10 minutes: Secrets Manager keeps every version for a day',
      mend: 'rotate less often',
    },
  ]);
});

it('takes the shortest that it can keep up with', () => {
  expect(
    problemsWith({
      'credentials.api-hook.rotateEvery': { seconds: 600 },
      'credentials.api-hook.retire': {
        ...HASTY,
        deadline: { seconds: 100 },
        afterAdoption: { seconds: 100 },
      },
      'credentials.api-hook.dependents.0.cacheTtl': { seconds: 60 },
    }),
  ).toEqual([]);
});

it('refuses a cadence that the kind cannot hold, even where the vault could', () => {
  const quick = {
    'environments.local': { cadence: 'declared' },
    'credentials.model.rotateEvery': { seconds: 59 },
    'credentials.model.dependents.0.cacheTtl': { seconds: 1 },
    'credentials.model.retire': {
      afterAdoption: { seconds: 1 },
      soak: { seconds: 1 },
      deadline: { seconds: 10 },
    },
  };
  expect(problemsWith(quick, 'local')).toEqual([
    {
      path: 'credentials.model.rotateEvery',
      found: 'a rotation every 59 seconds',
      allowed: 'at least 1 minute: what the kind openai can hold',
      mend: 'rotate less often',
    },
  ]);
  expect(problemsWith({ ...quick, 'credentials.model.rotateEvery': { seconds: 60 } }, 'local')).toEqual([]);
});

it("refuses a cadence beyond the vault's longest schedule", () => {
  expect(problemsWith({ 'credentials.store.rotateEvery': { seconds: 1000 * 86_400 } })).toEqual([]);
  expect(problemsWith({ 'credentials.store.rotateEvery': { seconds: 1000 * 86_400 + 1 } })).toMatchObject([
    { allowed: 'at most 1000 days, the longest schedule of Secrets Manager', mend: 'rotate more often' },
  ]);
});
