import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { demandNoValues, looksLikeAValue } from '../../cli/looks-like-a-value.ts';

const fake = (length: number): string => 'fake0Fake1'.repeat(10).slice(0, length);

function refusalOf(...words: readonly string[]): string {
  try {
    demandNoValues(words);
    return 'nothing was refused';
  } catch (error) {
    return error instanceof Error ? error.message : '';
  }
}

describe('a word that looks like a value', () => {
  it.each([
    `sk-proj-${fake(20)}`,
    `sk-admin-${fake(20)}`,
    `whsec_${fake(32)}`,
    `--value=sk-${fake(20)}`,
    `AKIA${'FAKEFAKE'.repeat(2)}`,
    `ghp_${fake(36)}`,
    `eyJ${fake(40)}`,
    '-----BEGIN PRIVATE KEY-----',
    fake(40),
    `the key ${fake(40)} leaked`,
    '{"engine":"postgres","password":"fake"}',
    'postgres://rag_a:fake@db.example.com/rag',
  ])('is refused, and not repeated: %s', (text) => {
    expect(looksLikeAValue(text)).toBe(true);
    expect(refusalOf('hold', text)).toContain('looks like a secret value');
    expect(refusalOf('hold', text)).not.toContain(text);
  });

  it('is found wherever it is pasted', () => {
    const around = fc.constantFrom('', '"', "'", 'key=', 'key: ', '(', '[', ' ');
    const rest = fc.stringMatching(/^[A-Za-z0-9]{16,40}$/);
    const missed = fc
      .sample(fc.tuple(around, rest), 200)
      .filter(([before, key]) => !looksLikeAValue(`${before}sk-${key}`));
    expect(missed).toEqual([]);
  });
});

describe('what people have reason to write', () => {
  it.each([
    'INC-123: the database is moving',
    'rotation 5f0c7b1e-9c1d-8a2b-b7ce-5a08bbe5de4a of vector-store never ended',
    'commit 9fceb02d0ae598e95dc970b74767f19372d61af8 broke it',
    'https://tickets.example.com/browse/OPS-4711?focus=comment-12345',
    'arn:aws:iam::111111111111:role/rag-api is gone',
    '/home/somebody/workspaces/ai-workspace-2026/lockstep',
    'C:\\Users\\Somebody\\Workspace',
    "asked for by alice@example.com, ask-me-later, don't page",
    'svc_acct_1dbb7829aff15b8e1cf03c51 was seen in a log',
    '--reason=a-leak',
    'task-force-on-secrets decided',
  ])('passes: %s', (text) => {
    expect(looksLikeAValue(text)).toBe(false);
  });
});
