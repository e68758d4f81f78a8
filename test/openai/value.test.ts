import * as fc from 'fast-check';
import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { Secret } from '../../lambdas/core/secret.ts';
import { projectKeyText, readAdminKeyValue, readProjectKey } from '../../lambdas/openai/value.ts';

const GOOD = {
  apiKey: 'sk-not-a-real-key-of-anybody',
  keyId: 'key_1',
  serviceAccountId: 'svc_acct_1',
  project: 'proj_a',
  mintedAt: '2026-01-01T00:00:00.000Z',
};
const text = (fields: unknown): Secret => new Secret(JSON.stringify(fields));
const malformed = expect.objectContaining({ code: 'VALUE_MALFORMED' });

describe('the value of a project key', () => {
  it('is read as it was written', () => {
    const read = readProjectKey(text(GOOD));
    expect(projectKeyText(read).equals(text(GOOD))).toBe(true);
    expect(inspect(read)).not.toContain(GOOD.apiKey);
  });

  it.each(Object.keys(GOOD))('needs %s, and needs it well formed', (name) => {
    const { [name as keyof typeof GOOD]: _left, ...others } = GOOD;
    expect(() => readProjectKey(text(others))).toThrow(malformed);
    const bad = ['', ' ', 1, null, {}, 'a b', 'a/../b', `${GOOD.apiKey}\n`, 'x'.repeat(2000)];
    for (const each of bad) expect(() => readProjectKey(text({ ...GOOD, [name]: each }))).toThrow(malformed);
  });

  it.each([
    ['a further field', text({ ...GOOD, more: 1 })],
    ['a key alone', new Secret(GOOD.apiKey)],
    ['a list', text([GOOD])],
    ['null', text(null)],
    ['nothing', new Secret('')],
  ])('is not %s', (_what, value) => {
    expect(() => readProjectKey(value)).toThrow(malformed);
  });

  it('has no key that a header could not carry: fetch would quote it', () => {
    for (const apiKey of [
      'sk-not-a-real-key\r\nx: 1',
      'sk-not-a-real-kéy-of-anybody',
      'sk-with space in the key',
    ])
      expect(() => readProjectKey(text({ ...GOOD, apiKey }))).toThrow(malformed);
  });

  it('is never quoted in an error, in whole or in part', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[0-9]{16,40}$/), (core) => {
        for (const value of [
          new Secret(core),
          text(core),
          text({ apiKey: `sk-${core}` }),
          new Secret(`{"apiKey":"${core}`),
        ]) {
          for (const read of [readProjectKey, readAdminKeyValue]) {
            const shown = inspect(
              errorOf(() => read(value)),
              { depth: 9, showHidden: true },
            );
            expect(shown).toContain('VALUE_MALFORMED');
            expect(shown).not.toContain(core.slice(0, 8));
          }
        }
      }),
    );
  });
});

function errorOf(run: () => unknown): unknown {
  try {
    run();
  } catch (error) {
    return error;
  }
  return undefined;
}
