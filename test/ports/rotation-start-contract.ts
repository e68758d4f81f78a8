import { describe, expect, it } from 'vitest';
import { isLockstepError } from '../../lambdas/core/errors.ts';
import type { StepRequest } from '../../lambdas/core/ports/targets.ts';
import { Secret } from '../../lambdas/core/secret.ts';
import { codeOf, eachTime } from './under-test.ts';
import { labelsOf, type VaultUnderTest } from './vault-contract.ts';

/** A vault whose `startRotation` really drives a function, here one that the test writes. */
export interface RotatingVaultUnderTest extends VaultUnderTest {
  readonly functionArn: string;
  /** What the rotation function does from now on; at first it does nothing and succeeds. */
  readonly rotateWith: (step: (request: StepRequest) => Promise<void>) => void;
  /** Lets everything happen that is under way, retries included. */
  readonly settle: () => Promise<void>;
  /** How many attempts at all steps the player of Secrets Manager makes before it gives up. */
  readonly attempts: number;
}

const value = (text: string): Secret => new Secret(`not-a-real-secret ${text}`);

/** A rotation function as it should be: makes, moves, and does nothing that was done. */
function rightFunction(subject: RotatingVaultUnderTest): (request: StepRequest) => Promise<void> {
  const { vault } = subject;
  return async ({ step, secretId, token }) => {
    const { versions } = await vault.describe(secretId);
    if (versions[token]?.includes('AWSCURRENT')) return;
    if (step === 'createSecret') await vault.putPending(secretId, token, value(token));
    const [from] = Object.entries(versions).find(([, labels]) => labels.includes('AWSCURRENT')) ?? [];
    if (step === 'finishSecret' && from !== undefined) await vault.moveCurrent(secretId, { to: token, from });
  };
}

async function adopted(subject: RotatingVaultUnderTest): Promise<string> {
  const [first, test] = [subject.newToken(), subject.newToken()];
  const { vault, name, functionArn } = subject;
  await vault.putFirst(name, first, value('first'));
  await vault.startRotation(name, {
    token: test,
    immediately: false,
    configure: { functionArn, everyDays: 90 },
  });
  await subject.settle();
  return first;
}

/** A rotation that failed for good: its version is pending and not current. */
async function stuck(
  subject: RotatingVaultUnderTest,
): Promise<{ readonly first: string; readonly token: string }> {
  const { vault, name, newToken } = subject;
  const first = await adopted(subject);
  subject.rotateWith(() => Promise.reject(new Error('never')));
  const token = newToken();
  await vault.startRotation(name, { token, immediately: true });
  await subject.settle();
  await subject.settle();
  return { first, token };
}

/** The contract of `Vault.startRotation`, and of whoever drives the four steps behind it. */
export function describeRotationStartContract(
  name: string,
  make: () => Promise<RotatingVaultUnderTest>,
): void {
  describe(`${name} starts and drives rotations`, () => {
    const subject = eachTime(make);
    describeConfiguring(subject);
    describeDriving(subject);
    describeRepeating(subject);
    describeGivingUp(subject);
    describeBlocking(subject);
  });
}

function describeConfiguring(subject: () => RotatingVaultUnderTest): void {
  it('refuses to rotate a secret that no function was configured for', async () => {
    const { vault, name, newToken } = subject();
    await vault.putFirst(name, newToken(), value('first'));
    const error: unknown = await vault
      .startRotation(name, { token: newToken(), immediately: true })
      .catch((each: unknown) => each);
    expect(isLockstepError(error) && error.remedy).toBe('operator');
    await subject().settle();
    expect(await labelsOf(subject())).not.toHaveProperty('AWSPENDING');
  });

  it('configures without rotating: testSecret alone, and no pending version is left', async () => {
    const steps: string[] = [];
    subject().rotateWith(async ({ step }) => void steps.push(step));
    const first = await adopted(subject());
    expect(new Set(steps)).toEqual(new Set(['testSecret']));
    await expect.poll(() => labelsOf(subject())).toEqual({ AWSCURRENT: first });
    expect((await subject().vault.describe(subject().name)).rotationEnabled).toBe(true);
  });

  it('leaves nothing pending behind a test run that fails', async () => {
    subject().rotateWith(() => Promise.reject(new Error('not today')));
    const first = await adopted(subject());
    await expect.poll(() => labelsOf(subject())).toEqual({ AWSCURRENT: first });
  });
}

function describeDriving(subject: () => RotatingVaultUnderTest): void {
  it('makes a pending version without a value before the first step', async () => {
    const { vault, name, newToken } = subject();
    const first = await adopted(subject());
    const token = newToken();
    await vault.startRotation(name, { token, immediately: true });
    await expect.poll(() => labelsOf(subject())).toEqual({ AWSCURRENT: first, AWSPENDING: token });
    expect(await codeOf(vault.read(name, { version: token, label: 'AWSPENDING' }))).toBe('UNKNOWN_VERSION');
    await subject().settle();
  });

  it('drives the four steps in order and leaves AWSPENDING on the new current version', async () => {
    const { vault, name, newToken } = subject();
    const first = await adopted(subject());
    const steps: string[] = [];
    const right = rightFunction(subject());
    subject().rotateWith(async (request) => {
      steps.push(request.step);
      await right(request);
    });
    const token = newToken();
    await vault.startRotation(name, { token, immediately: true });
    await subject().settle();
    expect(steps).toEqual(['createSecret', 'setSecret', 'testSecret', 'finishSecret']);
    await expect
      .poll(() => labelsOf(subject()))
      .toEqual({ AWSPREVIOUS: first, AWSCURRENT: token, AWSPENDING: token });
  });

  it('hands each step the ARN and one token', async () => {
    const { vault, name, newToken } = subject();
    await adopted(subject());
    const { arn } = await vault.describe(name);
    const seen: StepRequest[] = [];
    subject().rotateWith(async (request) => void seen.push(request));
    const token = newToken();
    await vault.startRotation(name, { token, immediately: true });
    await subject().settle();
    expect(seen.map(({ secretId, token: each }) => [secretId, each])).toEqual(seen.map(() => [arn, token]));
    expect(seen.length).toBeGreaterThanOrEqual(4);
  });
}

function describeRepeating(subject: () => RotatingVaultUnderTest): void {
  it('starts again from createSecret with the same token when a step fails', async () => {
    const { vault, name, newToken } = subject();
    const first = await adopted(subject());
    const steps: string[] = [];
    const right = rightFunction(subject());
    subject().rotateWith(async (request) => {
      steps.push(`${request.step} ${request.token}`);
      if (request.step === 'testSecret' && steps.length < 4) throw new Error('not yet');
      await right(request);
    });
    const token = newToken();
    await vault.startRotation(name, { token, immediately: true });
    await subject().settle();
    const expected = [
      'createSecret',
      'setSecret',
      'testSecret',
      'createSecret',
      'setSecret',
      'testSecret',
      'finishSecret',
    ];
    expect(steps).toEqual(expected.map((step) => `${step} ${token}`));
    await expect
      .poll(() => labelsOf(subject()))
      .toEqual({ AWSPREVIOUS: first, AWSCURRENT: token, AWSPENDING: token });
  });
}

function describeGivingUp(subject: () => RotatingVaultUnderTest): void {
  it('gives up in the end, and leaves the pending version', async () => {
    let invocations = 0;
    const { vault, name, newToken, attempts } = subject();
    const first = await adopted(subject());
    subject().rotateWith(() => {
      invocations += 1;
      return Promise.reject(new Error('never'));
    });
    const token = newToken();
    await vault.startRotation(name, { token, immediately: true });
    await subject().settle();
    expect(invocations).toBe(attempts);
    await expect.poll(() => labelsOf(subject())).toEqual({ AWSCURRENT: first, AWSPENDING: token });
  });
}

function describeBlocking(subject: () => RotatingVaultUnderTest): void {
  it('refuses a new rotation while an earlier one is not complete, and reattempts that one', async () => {
    const { vault, name, newToken } = subject();
    const { first, token } = await stuck(subject());
    subject().rotateWith(rightFunction(subject()));
    const start = vault.startRotation(name, { token: newToken(), immediately: true });
    expect(await codeOf(start)).toBe('PENDING_ELSEWHERE');
    await subject().settle();
    await expect
      .poll(() => labelsOf(subject()))
      .toEqual({ AWSPREVIOUS: first, AWSCURRENT: token, AWSPENDING: token });
  });

  it('reattempts a rotation that is started again with its own token', async () => {
    const { vault, name } = subject();
    const { first, token } = await stuck(subject());
    subject().rotateWith(rightFunction(subject()));
    await vault.startRotation(name, { token, immediately: true });
    await subject().settle();
    await expect
      .poll(() => labelsOf(subject()))
      .toEqual({ AWSPREVIOUS: first, AWSCURRENT: token, AWSPENDING: token });
  });

  it('starts a new rotation after the blocking version was taken out of the way', async () => {
    const { vault, name, newToken } = subject();
    const { first, token } = await stuck(subject());
    await vault.removePending(name, token);
    await expect.poll(() => labelsOf(subject())).toEqual({ AWSCURRENT: first });
    subject().rotateWith(rightFunction(subject()));
    const next = newToken();
    await vault.startRotation(name, { token: next, immediately: true });
    await subject().settle();
    await expect
      .poll(() => labelsOf(subject()))
      .toEqual({ AWSPREVIOUS: first, AWSCURRENT: next, AWSPENDING: next });
  });

  it('starts a new rotation while AWSPENDING lies on the current version', async () => {
    const { vault, name, newToken } = subject();
    await adopted(subject());
    subject().rotateWith(rightFunction(subject()));
    const [second, third] = [newToken(), newToken()];
    await vault.startRotation(name, { token: second, immediately: true });
    await subject().settle();
    await vault.startRotation(name, { token: third, immediately: true });
    await subject().settle();
    await expect
      .poll(() => labelsOf(subject()))
      .toEqual({ AWSPREVIOUS: second, AWSCURRENT: third, AWSPENDING: third });
  });
}
