import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { namedSecret } from '../../../lambdas/core/watch/secret-name.ts';

const ARN = 'arn:aws:secretsmanager:eu-central-1:111122223333:secret:';
const name = fc.stringMatching(/^[A-Za-z0-9/_+=.@-]{1,40}$/);
const suffix = fc.stringMatching(/^[A-Za-z0-9]{6}$/);
const declared = fc
  .uniqueArray(name, { maxLength: 5 })
  .map((names) => (each: string) => names.includes(each));

describe('the one name of a secret', () => {
  it('is its own name: naming again changes nothing', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          name,
          name.map((each) => ARN + each),
          fc.constant(ARN + ARN + 'x'),
        ),
        declared,
        (id, isDeclared) => {
          const once = namedSecret(id, isDeclared).name;
          expect(namedSecret(once, isDeclared).name).toBe(once);
        },
      ),
      { numRuns: 1000 },
    );
  });

  it('is the same for name, partial ARN and full ARN of a declared secret', () => {
    fc.assert(
      fc.property(name, suffix, (each, end) => {
        // given one declared secret, whatever its name ends in
        const isOnly = (other: string): boolean => other === each;
        for (const id of [each, ARN + each, `${ARN}${each}-${end}`])
          expect(namedSecret(id, isOnly).name).toBe(each);
      }),
      { numRuns: 1000 },
    );
  });

  it('shortens no bare name, which Secrets Manager would not find either', () => {
    const isVectorStore = (each: string): boolean => each === 'vector-store';
    expect(namedSecret('vector-store-AbC123', isVectorStore).name).toBe('vector-store-AbC123');
  });

  it('keeps the account of an ARN, for another account has another secret of that name', () => {
    expect(namedSecret(`${ARN}x`, () => true)).toEqual({ name: 'x', account: '111122223333' });
    expect(namedSecret('x', () => true)).toEqual({ name: 'x' });
  });
});
