import { expect, it } from 'vitest';
import { problemsWith } from '../a-workspace.ts';

it('refuses two dependents of one name', () => {
  expect(
    problemsWith({
      'credentials.store.dependents.1.name': 'api',
      'credentials.store.dependents.1.workload': 'worker',
    }),
  ).toEqual([
    {
      path: 'credentials.store.dependents[1].name',
      found: 'a second dependent with the name "api"',
      allowed: 'a name that no other dependent of this credential has',
      mend: 'rename one of the two, or remove it',
    },
  ]);
});

it('takes one name under two credentials', () => {
  expect(problemsWith({})).toEqual([]);
});
