import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { bedAddresses } from '../launch/bed-addresses.ts';
import type { BedAnswer, Interceptor } from '../proxy/bed-proxy.ts';
import { codeOf } from '../../ports/under-test.ts';

import { value, vaultUnderFaults, type VaultUnderFaults } from './vault-under-faults.ts';

/*
 * Secrets Manager promises no read of one's own write. What it refuses is true; what it shows beside that may be older,
 * and then the two contradict each other.
 */

let subject: VaultUnderFaults;
beforeEach(async () => {
  subject = await vaultUnderFaults(bedAddresses().ministack, false);
  const { vault, name, second } = subject;
  await vault.putPending(name, second, value('second'));
});
afterEach(() => subject.cleanUp());

/** From now on the secret is shown as it is now. */
async function freeze(): Promise<void> {
  let shown: BedAnswer | undefined;
  const stale: Interceptor = async (call, pass) => (shown ??= await pass(call));
  subject.bed.plan('DescribeSecret', stale, Number.POSITIVE_INFINITY);
  await subject.vault.describe(subject.name);
}

const promote = (): Promise<void> =>
  subject.vault.moveCurrent(subject.name, { to: subject.second, from: subject.first });

describe('a promotion whose answer was lost, beside labels that are shown as they were', () => {
  it('is not taken for refused: unknown, so that nobody acts as if nothing had happened', async () => {
    await freeze();
    subject.bed.plan('UpdateSecretVersionStage', 'cut-after');
    expect(await codeOf(promote())).toBe('VAULT_UNAVAILABLE');
  });

  it('is known again as soon as it is shown', async () => {
    await freeze();
    subject.bed.plan('UpdateSecretVersionStage', 'cut-after');
    await codeOf(promote());
    subject.bed.mend();
    expect(await codeOf(promote())).toBe('LABEL_CONFLICT');
    const { versions } = await subject.vault.describe(subject.name);
    expect(versions[subject.second]).toContain('AWSCURRENT');
  });
});

it('a promotion from where AWSCURRENT is not any more is tried again, where it is still shown there', async () => {
  await freeze();
  await promote();
  expect(await codeOf(promote())).toBe('VAULT_UNAVAILABLE');
});

it('a pending label that is gone, and still shown, is looked at again', async () => {
  const { vault, name, second } = subject;
  await freeze();
  await vault.removePending(name, second);
  expect(await codeOf(vault.removePending(name, second))).toBe('VAULT_UNAVAILABLE');
  subject.bed.mend();
  expect(await codeOf(vault.removePending(name, second))).toBe('none');
});

it('a version that has been put and is not shown yet has no value, which is no error of the secret', async () => {
  const { vault, name, second } = subject;
  const missing: Interceptor = async () => ({
    status: 400,
    headers: { 'content-type': 'application/x-amz-json-1.1' },
    body: Buffer.from(
      JSON.stringify({
        __type: 'ResourceNotFoundException',
        Message: `Secrets Manager can't find the specified secret value for VersionId: ${second}`,
      }),
    ),
  });
  subject.bed.plan('GetSecretValue', missing);
  expect(await codeOf(vault.read(name, { version: second }))).toBe('UNKNOWN_VERSION');
  expect((await vault.read(name, { version: second })).labels).toEqual(['AWSPENDING']);
});
