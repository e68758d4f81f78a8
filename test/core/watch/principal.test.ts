import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isSameIdentity, printable, principalOf } from '../../../lambdas/core/watch/principal.ts';

describe('a principal', () => {
  it('is the same for every session of a role', () => {
    const session = (name: string): object => ({
      type: 'AssumedRole',
      arn: `arn:aws:sts::111122223333:assumed-role/rag/${name}`,
      sessionContext: { sessionIssuer: { type: 'Role', arn: 'arn:aws:iam::111122223333:role/app/rag' } },
    });
    expect(principalOf(session('a')).key).toBe(principalOf(session('b')).key);
  });

  it('is compared by account and name of a role, whatever its path', () => {
    const role = (account: string, path: string): string => `arn:aws:iam::${account}:role/${path}`;
    expect(isSameIdentity(role('1', 'rag'), role('1', 'app/team/rag'))).toBe(true);
    expect(isSameIdentity(role('1', 'rag'), role('2', 'rag'))).toBe(false);
    expect(isSameIdentity(role('1', 'rag'), role('1', 'rag-2'))).toBe(false);
    expect(isSameIdentity('embedded:rag', 'embedded:rag')).toBe(true);
    expect(isSameIdentity('embedded:rag', 'embedded:rag-2')).toBe(false);
  });

  it('does not take a user for the role of its name', () => {
    expect(isSameIdentity('arn:aws:iam::1:user/rag', 'arn:aws:iam::1:role/rag')).toBe(false);
  });

  it('never holds what could steer a terminal, and is never long', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 600 }), (text) => {
        const shown = printable(text);
        expect(shown).toMatch(/^[\w+=,.@:/*?~-]{0,256}$/);
        expect(printable(shown)).toBe(shown);
      }),
    );
  });

  it('tells long keys apart that begin alike', () => {
    const long = 'a'.repeat(300);
    expect(printable(`${long}1`)).not.toBe(printable(`${long}2`));
  });
});
