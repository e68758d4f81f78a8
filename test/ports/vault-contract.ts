import { describe, expect, it } from 'vitest';
import { isLockstepError } from '../../lambdas/core/errors.ts';
import type { StagingLabel, Vault } from '../../lambdas/core/ports/vault.ts';
import { Secret } from '../../lambdas/core/secret.ts';
import { codeOf, eachTime, type UnderTest } from './under-test.ts';

/** A vault with one declared secret, and the right to do everything with it. */
export interface VaultUnderTest extends UnderTest {
  readonly vault: Vault;
  /** The name of a secret that has no value yet. */
  readonly name: string;
  /** A token that was never used: 32 to 64 characters. */
  readonly newToken: () => string;
}

const value = (text: string): Secret => new Secret(`not-a-real-secret ${text}`);

/** Where the labels lie, as far as anybody can see: `{ AWSCURRENT: <version>, … }`. */
export async function labelsOf({
  vault,
  name,
}: VaultUnderTest): Promise<Partial<Record<StagingLabel, string>>> {
  const { versions } = await vault.describe(name);
  return Object.fromEntries(
    Object.entries(versions).flatMap(([version, labels]) => labels.map((label) => [label, version])),
  );
}

/** The text of a value. Every value here is a made-up one. */
async function textOf(
  { vault, name }: VaultUnderTest,
  selector: Parameters<Vault['read']>[1],
): Promise<string> {
  return (await vault.read(name, selector)).value.reveal();
}

/** Adopted and rotated once: `first` is AWSPREVIOUS, `second` AWSCURRENT and AWSPENDING. */
async function rotatedOnce(
  subject: VaultUnderTest,
): Promise<{ readonly first: string; readonly second: string }> {
  const { vault, name } = subject;
  const [first, second] = [subject.newToken(), subject.newToken()];
  await vault.putFirst(name, first, value('first'));
  await vault.putPending(name, second, value('second'));
  await vault.moveCurrent(name, { to: second, from: first });
  return { first, second };
}

/**
 * The contract of `Vault`, all but `startRotation`: the label rules of Secrets Manager. A vault need not show a
 * write at once, so what was written is polled for.
 */
export function describeVaultContract(name: string, make: () => Promise<VaultUnderTest>): void {
  describe(`${name} keeps the contract of a vault`, () => {
    const subject = eachTime(make);
    describePutting(subject);
    describePuttingAgain(subject);
    describeMoving(subject);
    describeReading(subject);
    describeRaces(subject);
  });
}

function describePutting(subject: () => VaultUnderTest): void {
  it('knows a declared secret before it has a value', async () => {
    const { vault, name } = subject();
    const described = await vault.describe(name);
    expect(described).toMatchObject({ name, versions: {}, rotationEnabled: undefined, replicaRegions: [] });
    expect(await codeOf(vault.read(name))).toBe('UNKNOWN_VERSION');
  });

  it('makes a first value current, and takes a name and an ARN for the same secret', async () => {
    const { vault, name, newToken } = subject();
    const first = newToken();
    await vault.putFirst(name, first, value('first'));
    await expect.poll(() => labelsOf(subject())).toEqual({ AWSCURRENT: first });
    const { arn } = await vault.describe(name);
    expect((await vault.read(arn)).version).toBe(first);
    await expect.poll(() => textOf(subject(), undefined)).toBe(value('first').reveal());
  });

  it('makes the first version of a secret current, also where it is put as pending', async () => {
    const { vault, name, newToken } = subject();
    const first = newToken();
    await vault.putPending(name, first, value('first'));
    await expect.poll(() => labelsOf(subject())).toEqual({ AWSCURRENT: first, AWSPENDING: first });
  });

  it('stores a pending value beside the current one', async () => {
    const { vault, name, newToken } = subject();
    const [first, second] = [newToken(), newToken()];
    await vault.putFirst(name, first, value('first'));
    await vault.putPending(name, second, value('second'));
    await expect.poll(() => labelsOf(subject())).toEqual({ AWSCURRENT: first, AWSPENDING: second });
    await expect.poll(() => textOf(subject(), undefined)).toBe(value('first').reveal());
    await expect
      .poll(() => textOf(subject(), { version: second, label: 'AWSPENDING' }))
      .toBe(value('second').reveal());
  });

  it('gives a value back as it was put, whatever its characters and up to 65,536 bytes', async () => {
    const { vault, name, newToken } = subject();
    for (const text of ['{"user":"a","password":"ü\u{1f511}\\"\n"}', ' ', 'x'.repeat(65_536)]) {
      const version = newToken();
      await vault.putPending(name, version, new Secret(text));
      await expect.poll(() => textOf(subject(), { version })).toBe(text);
    }
  });
}

function describePuttingAgain(subject: () => VaultUnderTest): void {
  it('takes the same value for the same token again and changes nothing', async () => {
    const { vault, name, newToken } = subject();
    const [first, second] = [newToken(), newToken()];
    await vault.putFirst(name, first, value('first'));
    await vault.putPending(name, second, value('second'));
    await vault.putFirst(name, first, value('first'));
    await vault.putPending(name, second, value('second'));
    await expect.poll(() => labelsOf(subject())).toEqual({ AWSCURRENT: first, AWSPENDING: second });
  });

  it('refuses another value for the same token and keeps the stored one', async () => {
    const { vault, name, newToken } = subject();
    const [first, second] = [newToken(), newToken()];
    await vault.putFirst(name, first, value('first'));
    await vault.putPending(name, second, value('second'));
    expect(await codeOf(vault.putPending(name, second, value('other')))).toBe('VERSION_CONFLICT');
    expect(await codeOf(vault.putFirst(name, first, value('other')))).toBe('VERSION_CONFLICT');
    await expect.poll(() => textOf(subject(), { version: first })).toBe(value('first').reveal());
    await expect.poll(() => textOf(subject(), { version: second })).toBe(value('second').reveal());
  });

  it('moves AWSPENDING to a newer token and keeps the older version, without a label', async () => {
    const { vault, name, newToken } = subject();
    const [first, older, newer] = [newToken(), newToken(), newToken()];
    await vault.putFirst(name, first, value('first'));
    await vault.putPending(name, older, value('older'));
    await vault.putPending(name, newer, value('newer'));
    await expect.poll(() => labelsOf(subject())).toEqual({ AWSCURRENT: first, AWSPENDING: newer });
    expect(Object.keys((await vault.describe(name)).versions)).not.toContain(older);
    await expect.poll(() => textOf(subject(), { version: older })).toBe(value('older').reveal());
  });

  it('moves no label when a put is repeated after the world went on', async () => {
    const { vault, name, newToken } = subject();
    const { first, second } = await rotatedOnce(subject());
    const third = newToken();
    await vault.putPending(name, third, value('third'));
    await vault.putPending(name, second, value('second'));
    await vault.putFirst(name, first, value('first'));
    await expect
      .poll(() => labelsOf(subject()))
      .toEqual({ AWSPREVIOUS: first, AWSCURRENT: second, AWSPENDING: third });
  });
}

function describeMoving(subject: () => VaultUnderTest): void {
  it('moves AWSCURRENT, lets AWSPREVIOUS follow, and leaves AWSPENDING where it is', async () => {
    const { first, second } = await rotatedOnce(subject());
    await expect
      .poll(() => labelsOf(subject()))
      .toEqual({ AWSPREVIOUS: first, AWSCURRENT: second, AWSPENDING: second });
    await expect.poll(() => textOf(subject(), undefined)).toBe(value('second').reveal());
    await expect.poll(() => textOf(subject(), { label: 'AWSPREVIOUS' })).toBe(value('first').reveal());
  });

  it('refuses to move AWSCURRENT from where it is not, and changes nothing', async () => {
    const { vault, name } = subject();
    const { first, second } = await rotatedOnce(subject());
    // A repeat after a lost answer looks the same: the caller reads again and decides.
    expect(await codeOf(vault.moveCurrent(name, { to: second, from: first }))).toBe('LABEL_CONFLICT');
    expect(await codeOf(vault.moveCurrent(name, { to: first, from: subject().newToken() }))).toBe(
      'LABEL_CONFLICT',
    );
    await expect
      .poll(() => labelsOf(subject()))
      .toEqual({ AWSPREVIOUS: first, AWSCURRENT: second, AWSPENDING: second });
  });

  it('refuses to move AWSCURRENT to a version that it does not have', async () => {
    const { vault, name, newToken } = subject();
    const { first, second } = await rotatedOnce(subject());
    expect(await codeOf(vault.moveCurrent(name, { to: newToken(), from: second }))).toBe('UNKNOWN_VERSION');
    await expect
      .poll(() => labelsOf(subject()))
      .toEqual({ AWSPREVIOUS: first, AWSCURRENT: second, AWSPENDING: second });
  });

  it('moves AWSCURRENT back, as a roll-back does', async () => {
    const { vault, name } = subject();
    const { first, second } = await rotatedOnce(subject());
    await vault.removePending(name, second);
    await vault.moveCurrent(name, { to: first, from: second });
    await expect.poll(() => labelsOf(subject())).toEqual({ AWSCURRENT: first, AWSPREVIOUS: second });
    await expect.poll(() => textOf(subject(), undefined)).toBe(value('first').reveal());
  });

  it('takes the last label off the oldest version in the next rotation', async () => {
    const { vault, name, newToken } = subject();
    const { first, second } = await rotatedOnce(subject());
    const third = newToken();
    await vault.putPending(name, third, value('third'));
    await vault.moveCurrent(name, { to: third, from: second });
    await expect
      .poll(() => labelsOf(subject()))
      .toEqual({ AWSPREVIOUS: second, AWSCURRENT: third, AWSPENDING: third });
    expect(Object.keys((await vault.describe(name)).versions)).not.toContain(first);
  });

  it('takes AWSPENDING off the version that holds it, and nothing happens where it is not', async () => {
    const { vault, name, newToken } = subject();
    const { first, second } = await rotatedOnce(subject());
    await vault.removePending(name, first);
    await vault.removePending(name, newToken());
    await expect
      .poll(() => labelsOf(subject()))
      .toEqual({ AWSPREVIOUS: first, AWSCURRENT: second, AWSPENDING: second });
    await vault.removePending(name, second);
    await vault.removePending(name, second);
    await expect.poll(() => labelsOf(subject())).toEqual({ AWSPREVIOUS: first, AWSCURRENT: second });
  });
}

function describeReading(subject: () => VaultUnderTest): void {
  it('lists the versions that carry a label, with when each was made', async () => {
    const { vault, name, newToken } = subject();
    expect(await vault.listVersions(name)).toEqual([]);
    const { first, second } = await rotatedOnce(subject());
    const third = newToken();
    await vault.putPending(name, third, value('third'));
    await expect
      .poll(async () =>
        Object.fromEntries(
          (await vault.listVersions(name)).map(({ version, labels }) => [version, [...labels].sort()]),
        ),
      )
      .toEqual({ [first]: ['AWSPREVIOUS'], [second]: ['AWSCURRENT'], [third]: ['AWSPENDING'] });
    for (const { createdAt } of await vault.listVersions(name))
      expect(new Date(String(createdAt)).toISOString()).toBe(createdAt);
  });

  it('reads a version only by a label that it carries', async () => {
    const { vault, name, newToken } = subject();
    const { first, second } = await rotatedOnce(subject());
    await expect
      .poll(() => textOf(subject(), { version: second, label: 'AWSCURRENT' }))
      .toBe(value('second').reveal());
    expect(await codeOf(vault.read(name, { version: first, label: 'AWSCURRENT' }))).toBe('UNKNOWN_VERSION');
    expect(await codeOf(vault.read(name, { version: newToken() }))).toBe('UNKNOWN_VERSION');
    expect([...(await vault.read(name)).labels].sort()).toEqual(['AWSCURRENT', 'AWSPENDING']);
  });

  it('names a secret that it does not have', async () => {
    const { vault, name, newToken } = subject();
    const unknown = `${name}-unknown`;
    expect(await codeOf(vault.describe(unknown))).toBe('UNKNOWN_CREDENTIAL');
    expect(await codeOf(vault.listVersions(unknown))).toBe('UNKNOWN_CREDENTIAL');
    expect(await codeOf(vault.read(unknown))).toBe('UNKNOWN_CREDENTIAL');
    expect(await codeOf(vault.putPending(unknown, newToken(), value('x')))).toBe('UNKNOWN_CREDENTIAL');
    const move = { to: newToken(), from: newToken() };
    expect(await codeOf(vault.moveCurrent(unknown, move))).toBe('UNKNOWN_CREDENTIAL');
  });

  it('quotes no value in an error', async () => {
    const { vault, name, newToken } = subject();
    const version = newToken();
    await vault.putPending(name, version, value('stored-canary'));
    const error: unknown = await vault
      .putPending(name, version, value('given-canary'))
      .catch((each: unknown) => each);
    if (!isLockstepError(error)) throw new TypeError('an error of ours was expected');
    const said = JSON.stringify([error.message, error.stack, String(error.cause), error]);
    expect(said).not.toContain('canary');
  });
}

function describeRaces(subject: () => VaultUnderTest): void {
  it('lets one of two values for a token win, and keeps it', async () => {
    const { vault, name, newToken } = subject();
    const version = newToken();
    const codes = await Promise.all(
      ['a', 'b', 'c'].map((each) => codeOf(vault.putPending(name, version, value(each)))),
    );
    expect(codes.filter((code) => code === 'none')).toHaveLength(1);
    expect(codes.filter((code) => code === 'VERSION_CONFLICT')).toHaveLength(2);
    const winner = ['a', 'b', 'c'][codes.indexOf('none')] ?? '';
    await expect.poll(() => textOf(subject(), { version })).toBe(value(winner).reveal());
  });

  it('lets one of two moves of AWSCURRENT win', async () => {
    const { vault, name, newToken } = subject();
    const { second } = await rotatedOnce(subject());
    const [a, b] = [newToken(), newToken()];
    await vault.putPending(name, a, value('a'));
    await vault.putPending(name, b, value('b'));
    const codes = await Promise.all(
      [a, b].map((to) => codeOf(vault.moveCurrent(name, { to, from: second }))),
    );
    expect([...codes].sort()).toEqual(['LABEL_CONFLICT', 'none']);
    const winner = [a, b][codes.indexOf('none')] ?? '';
    await expect
      .poll(() => labelsOf(subject()))
      .toEqual({ AWSPREVIOUS: second, AWSCURRENT: winner, AWSPENDING: b });
  });
}
