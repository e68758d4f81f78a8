import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { describeFound, describeShape, isPresentable } from '../../../lambdas/contracts/inventory/found.ts';

describe('what may be shown', () => {
  it.each([
    'rag-api',
    'eu-central-1',
    'db.example.com',
    '10.0.0.1',
    'rag_owner',
    'https://api.example.com/v1',
    'a-'.repeat(20),
  ])('shows %s', (text) => {
    expect(isPresentable(text)).toBe(true);
  });

  it.each([
    ['a key with a known beginning', 'sk-not-a-real-one'],
    ['a token of three parts', 'eyJub3Q.eyJhLXJlYWw.b25l'],
    ['an access key id', 'AKIANOTREALNOTREAL'],
    ['hex digits as long as a key', '0123456789abcdef0123456789abcdef'],
    ['Base64 as long as a key', 'bm90IGEgcmVhbCBzZWNyZXQ='],
    ['letters alone as long as a key', 'correcthorsebatterystaplexx'],
    ['a URL with a login', 'https://user:pass@host'],
    ['punctuation that names do not have', 'p4ss!word'],
    ['a PEM block', '-----BEGIN PRIVATE KEY-----'],
    ['anything long', `${'a-'.repeat(20)}a`],
  ])('does not show %s', (_, text) => {
    expect(isPresentable(text)).toBe(false);
    expect(describeFound(text)).toBe(`a text of ${text.length} characters`);
  });
});

it.each([
  [undefined, 'nothing'],
  [null, 'null'],
  ['', 'an empty text'],
  ['rag', '"rag"'],
  [5432, '5432'],
  [true, 'true'],
  [[], 'a list of 0 items'],
  [['x'], 'a list of 1 item'],
  [{}, 'an empty object'],
  [{ host: 'x', port: 1 }, 'an object with host, port'],
  [{ a: 1, b: 1, c: 1, d: 1, e: 1, f: 1 }, 'an object with a, b, c, d, e, …'],
  [{ 'sk-not-a-real-one': 1 }, 'an object with a key of 17 characters'],
  [() => 1, 'a function'],
  [Symbol('x'), 'a symbol'],
])('describes %j', (value, text) => {
  expect(describeFound(value)).toBe(text);
});

it('tells of a value in an unknown place nothing but its kind', () => {
  expect(describeShape('hunter2')).toBe('a text of 7 characters');
  expect(describeShape(1234)).toBe('a number');
  expect(describeShape(['hunter2'])).toBe('a list of 1 item');
});

it('never shows the content of anything long, however deep', () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.string({ minLength: 41, maxLength: 60 }), (around, text) => {
      const shown = describeFound({ around, text, [text]: text, list: [text] }) + describeFound(text);
      expect(shown.includes(text)).toBe(false);
    }),
  );
});
