import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { tagValue } from '../../../lambdas/leasers/aws-session/session-tags.ts';

describe('a text as the value of a tag', () => {
  it.each([
    ['workload:research-agent', 'workload:research-agent'],
    ['person:https://idp.example|alice@example.org', 'person:https://idp.example=7calice@example.org'],
    ['a=b', 'a=3db'],
    ['ü', '=c3=bc'],
    ['', ''],
    ['x'.repeat(128), 'x'.repeat(128)],
    ['x'.repeat(129), expect.stringMatching(/^=sha256:[0-9a-f]{64}$/)],
  ])('%j is %j', (text, expected) => {
    expect(tagValue(text)).toEqual(expected);
  });

  it('is what STS takes, of any text, and holds no wildcard and no variable', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => {
        expect(tagValue(text)).toMatch(/^[A-Za-z0-9_.:/=@-]{0,256}$/);
      }),
    );
  });

  it('is never that of another text', () => {
    const odd = fc.string({
      unit: fc.constantFrom('a', '=', '7', 'c', '|', 's', ':', 'ü', '3d'),
      maxLength: 140,
    });
    fc.assert(
      fc.property(odd, odd, (one, other) => {
        expect(tagValue(one) === tagValue(other)).toBe(one === other);
      }),
    );
    expect(tagValue('|')).not.toBe(tagValue('=7c'));
    expect(tagValue(`=sha256:${'0'.repeat(64)}`)).not.toMatch(/^=sha256/);
  });
});
