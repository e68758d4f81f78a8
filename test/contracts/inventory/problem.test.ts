import { expect, it } from 'vitest';
import {
  distinctProblems,
  formatProblems,
  inventoryError,
  pathText,
} from '../../../lambdas/contracts/inventory/problem.ts';

const problem = { path: 'owners.a', found: 'nothing', allowed: 'a contact', mend: 'add contact' };

it('writes a path as it is written in code', () => {
  expect(pathText(['credentials', 'vector-store', 'dependents', 0, 'url'])).toBe(
    'credentials.vector-store.dependents[0].url',
  );
  expect(pathText([])).toBe('the workspace');
});

it('tells a key that might be a pasted secret by its length alone', () => {
  expect(pathText(['credentials', 'sk-not-a-real-one', 'owner'])).toBe(
    'credentials.<a key of 17 characters>.owner',
  );
  expect(pathText(['owners', 'two words'])).toBe('owners.<a key of 9 characters>');
});

it('prints every problem with its path, what was found, what is allowed and how to mend it', () => {
  expect(formatProblems([problem, { ...problem, path: 'owners.b' }])).toBe(
    [
      'The inventory has 2 problems.',
      '',
      '1. owners.a',
      '   found:   nothing',
      '   allowed: a contact',
      '   mend:    add contact',
      '',
      '2. owners.b',
      '   found:   nothing',
      '   allowed: a contact',
      '   mend:    add contact',
    ].join('\n'),
  );
  expect(formatProblems([problem])).toContain('The inventory has 1 problem.');
});

it('says the same of the same place once, and puts places in order', () => {
  const other = { ...problem, found: 'a number' };
  expect(distinctProblems([{ ...problem, path: 'z' }, problem, other, { ...problem }])).toEqual([
    problem,
    other,
    { ...problem, path: 'z' },
  ]);
});

it('becomes the error of whoever cannot go on: an operator has to act', () => {
  const error = inventoryError([problem]);
  expect(error).toMatchObject({ code: 'INVENTORY_INVALID', remedy: 'operator' });
  expect(error.message).toContain('owners.a');
});
