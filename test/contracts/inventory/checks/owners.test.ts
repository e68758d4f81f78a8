import { expect, it } from 'vitest';
import { problemsWith } from '../a-workspace.ts';

it('refuses an owner that is not declared, and guesses which one was meant', () => {
  expect(problemsWith({ 'credentials.store.owner': 'platfrom' })).toEqual([
    {
      path: 'credentials.store.owner',
      found: 'the owner "platfrom", who is not declared',
      allowed: 'platform',
      mend: 'did you mean platform? Otherwise declare the owner in owners',
    },
  ]);
});

it('guesses nothing where no owner is near', () => {
  const [problem] = problemsWith({ 'credentials.store.owner': 'finance' });
  expect(problem?.mend).toBe('declare the owner in owners');
});

it('takes every owner that is declared', () => {
  expect(
    problemsWith({ 'owners.finance': { contact: '#finance' }, 'credentials.store.owner': 'finance' }),
  ).toEqual([]);
});
