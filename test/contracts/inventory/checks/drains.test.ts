import { expect, it } from 'vitest';
import { problemsWith } from '../a-workspace.ts';

it('refuses a drain shorter than the slowest cache, and names whose it is', () => {
  expect(
    problemsWith({
      'credentials.store.retire': { afterAdoption: { seconds: 299 } },
    }),
  ).toEqual([
    {
      path: 'credentials.store.retire.afterAdoption',
      found: 'a drain of 299 seconds, and "api" may serve a value for 5 minutes',
      allowed: 'a drain of at least 5 minutes',
      mend: 'set retire.afterAdoption to at least 5 minutes, or shorten the cacheTtl of "api"',
    },
  ]);
});

it('counts the default drain as well', () => {
  expect(problemsWith({ 'credentials.store.dependents.1.cacheTtl': { seconds: 7200 } })).toMatchObject([
    { found: 'a drain of 1 hour, and "worker" may serve a value for 2 hours' },
  ]);
});

it('takes a drain as long as the slowest cache', () => {
  expect(problemsWith({ 'credentials.store.retire': { afterAdoption: { seconds: 300 } } })).toEqual([]);
});
