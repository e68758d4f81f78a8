import { expect, it } from 'vitest';
import { Secret } from '../../../lambdas/core/secret.ts';
import { codeOf } from '../../ports/under-test.ts';
import { HOLDER, isThere, requestOf, theAuthority, timesOf, type Under } from './subject.ts';

/** What makes the leases, where something is stored for it. */
export function describeAuthority({ subject }: Under): void {
  it('takes a value of its authority and proves it', async () => {
    const under = subject();
    const { declared, value } = theAuthority(under);
    under.leaser.checkAuthority(declared, value);
    expect(await codeOf(under.leaser.proveAuthority(declared, value))).toBe('none');
  });

  it.each(['', 'canary-in-clear', '{"password":"canary-in-clear"}', '[]', 'null', '{'])(
    'refuses what is no value of its authority, without a word of it: %j',
    async (text) => {
      const under = subject();
      const { declared } = theAuthority(under);
      const check = async (): Promise<void> => under.leaser.checkAuthority(declared, new Secret(text));
      expect(await codeOf(check())).toBe('VALUE_MALFORMED');
      await expect(check()).rejects.not.toThrow(/canary/);
    },
  );

  it('says so where the target refuses its authority, and makes nothing', async () => {
    const under = subject();
    const { declared, wrongValue } = theAuthority(under);
    const value = wrongValue ?? new Secret('a suite without a wrong value');
    const id = under.newId();
    const request = { ...requestOf(under, id, 1), authority: { declared, value } };
    expect(await codeOf(under.leaser.issue(request, HOLDER, timesOf(under)))).toBe('TARGET_REFUSES_LOGIN');
    expect(await codeOf(under.leaser.proveAuthority(declared, value))).toBe('TARGET_REFUSES_LOGIN');
    expect(await isThere(under, id)).toBe(false);
  });
}
