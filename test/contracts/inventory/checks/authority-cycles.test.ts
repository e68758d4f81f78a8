import { expect, it } from 'vitest';
import { problemsWith } from '../a-workspace.ts';

const postgres = (authority: string, slots: readonly string[]) => ({
  kind: 'postgres',
  owner: 'platform',
  authority,
  database: 'rag',
  slots,
  ownerRole: 'rag_owner',
  rotateEvery: { seconds: 604_800 },
});

it('refuses credentials that would change each other, once for each circle', () => {
  const problems = problemsWith({
    'credentials.a': postgres('c', ['a1', 'a2']),
    'credentials.b': postgres('a', ['b1', 'b2']),
    'credentials.c': postgres('b', ['c1', 'c2']),
  });
  expect(problems.filter(({ found }) => found.startsWith('authorities in a circle'))).toEqual([
    {
      path: 'credentials.a.authority',
      found: 'authorities in a circle: "a" ← "c" ← "b" ← "a"',
      allowed: 'authorities that end in one that changes itself',
      mend: 'give one of them another authority',
    },
  ]);
});

it('refuses a credential that is its own authority', () => {
  const problems = problemsWith({ 'credentials.a': postgres('a', ['a1', 'a2']) });
  expect(problems.map(({ found }) => found)).toContain('authorities in a circle: "a" ← "a"');
});

it('does not count a credential that leads into a circle as part of it', () => {
  const problems = problemsWith({
    'credentials.a': postgres('b', ['a1', 'a2']),
    'credentials.b': postgres('b', ['b1', 'b2']),
  });
  expect(problems.filter(({ found }) => found.includes('circle'))).toHaveLength(1);
});

it('takes a chain that ends in an authority', () => {
  expect(problemsWith({ 'credentials.a': postgres('db-admin', ['a1', 'a2']) })).toEqual([]);
});
