import { expect, it } from 'vitest';
import { listed, meant, nearest } from '../../../lambdas/contracts/inventory/nearest.ts';

it.each([
  ['rag-apo', 'rag-api'],
  ['Embedder', 'embedder'],
  ['embeder', 'embedder'],
  ['emmbedder', 'embedder'],
  ['cachettl', 'cacheTtl'],
  ['rga-api', 'rag-api'],
])('takes %s for %s', (typed, wanted) => {
  expect(nearest(typed, ['rag-api', 'embedder', 'cacheTtl'])).toBe(wanted);
});

it.each(['', 'finance', 'x'.repeat(10_000)])(
  'guesses nothing for what is far from every name: %s',
  (typed) => {
    expect(nearest(typed, ['rag-api', 'embedder'])).toBeUndefined();
  },
);

it('does not propose a name that should not be shown', () => {
  expect(nearest('sk-not-a-real-on', ['sk-not-a-real-one'])).toBeUndefined();
  expect(listed(['sk-not-a-real-one'])).toBe('none is declared');
});

it('gives the other way out as well', () => {
  expect(meant('ragapi', ['rag-api'], 'remove it')).toBe('did you mean rag-api? Otherwise remove it');
  expect(meant('x', ['rag-api'], 'remove it')).toBe('remove it');
});

it('takes two edits in a name of eight letters, and not three', () => {
  expect(nearest('embddr', ['embedder'])).toBe('embedder');
  expect(nearest('mbddr', ['embedder'])).toBeUndefined();
  expect(nearest('dembeedr', ['embedder'])).toBeUndefined();
});

it('cuts long lists', () => {
  expect(listed(Array.from({ length: 12 }, (_, at) => `n${at}`))).toMatch(/n11$/);
  expect(listed(Array.from({ length: 13 }, (_, at) => `n${at}`))).toMatch(/n11, …$/);
});
