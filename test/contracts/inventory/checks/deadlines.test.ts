import { expect, it } from 'vitest';
import { problemsWith } from '../a-workspace.ts';

it('refuses a deadline that evidence cannot meet even when all goes well', () => {
  // cache 300 s, then twice a pool lifetime of 600 s
  expect(problemsWith({ 'credentials.store.retire': { deadline: { seconds: 1500 } } })).toEqual([
    {
      path: 'credentials.store.retire.deadline',
      found:
        'a deadline of 25 minutes, and "worker" may need 25 minutes (its cache of 5 minutes, then twice its pool lifetime of 10 minutes)',
      allowed: 'a deadline of more than 25 minutes',
      mend: 'lengthen retire.deadline, or shorten the cacheTtl or poolLifetime of "worker"',
    },
  ]);
  expect(problemsWith({ 'credentials.store.retire': { deadline: { seconds: 1501 } } })).toEqual([]);
});

it('refuses a deadline that comes before a dependent which nobody tells would look', () => {
  expect(problemsWith({ 'credentials.model.retire': { deadline: { seconds: 300 } } })).toMatchObject([
    {
      path: 'credentials.model.retire.deadline',
      allowed: 'a deadline of more than 5 minutes',
      mend: 'lengthen retire.deadline, or shorten the cacheTtl of "worker"',
    },
  ]);
});

it('lets a dependent that is told be quicker than its cache', () => {
  expect(problemsWith({ 'credentials.api-hook.retire': { deadline: { seconds: 60 } } })).toEqual([]);
});

it('holds nobody to its pool lifetime who acknowledges, or whose evidence does not count', () => {
  const tight = { 'credentials.store.retire': { deadline: { seconds: 301 } } };
  const dependent = 'credentials.store.dependents.1';
  expect(problemsWith({ ...tight, [`${dependent}.acknowledges`]: true })).toEqual([]);
  const problems = problemsWith({ ...tight, [`${dependent}.evidence.suffices`]: false });
  expect(problems.map(({ path }) => path)).toEqual([dependent.replace('.1', '[1]')]);
});
