import { expect, it } from 'vitest';
import { problemsWith } from '../a-workspace.ts';

it('refuses the owner role as a slot', () => {
  expect(problemsWith({ 'credentials.store.ownerRole': 'rag_b' })).toEqual([
    {
      path: 'credentials.store.slots[1]',
      found: 'the slot "rag_b", which is also the owner role',
      allowed: 'a login role that belongs to the owner role and is not that role',
      mend: 'give the slots and the owner three different roles',
    },
  ]);
});

it('looks at both slots', () => {
  expect(problemsWith({ 'credentials.store.ownerRole': 'rag_a' })).toMatchObject([
    { path: 'credentials.store.slots[0]' },
  ]);
});

it('takes three different roles', () => {
  expect(problemsWith({ 'credentials.store.ownerRole': 'rag' })).toEqual([]);
});
