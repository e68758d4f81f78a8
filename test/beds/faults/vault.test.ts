import { expect } from 'vitest';
import { isLockstepError } from '../../../lambdas/core/errors.ts';
import type { SecretVersion } from '../../../lambdas/core/ports/vault.ts';
import { bedAddresses } from '../launch/bed-addresses.ts';
import { describeFaults, type FaultCase } from './describe-faults.ts';
import { value, vaultUnderFaults, type VaultUnderFaults } from './vault-under-faults.ts';

const withPending = ({ vault, name, second }: VaultUnderFaults): Promise<void> =>
  vault.putPending(name, second, value('second'));

const labelsOf = async ({ vault, name }: VaultUnderFaults) => (await vault.describe(name)).versions;

const CASES: readonly FaultCase<VaultUnderFaults>[] = [
  {
    name: 'a put',
    action: 'PutSecretValue',
    code: 'VAULT_UNAVAILABLE',
    attempts: 3,
    run: withPending,
    check: async (subject) => {
      const labels = await labelsOf(subject);
      expect(labels[subject.first]).toEqual(['AWSCURRENT']);
      expect(labels[subject.second]).toEqual(['AWSPENDING']);
      const { value: stored } = await subject.vault.read(subject.name, { version: subject.second });
      expect(stored.reveal()).toBe(value('second').reveal());
    },
  },
  {
    name: 'a read',
    action: 'GetSecretValue',
    code: 'VAULT_UNAVAILABLE',
    attempts: 3,
    run: ({ vault, name }) => vault.read(name),
    check: async (_subject, answer) =>
      expect((answer as SecretVersion).value.reveal()).toBe(value('first').reveal()),
  },
  {
    name: 'a description',
    action: 'DescribeSecret',
    code: 'VAULT_UNAVAILABLE',
    attempts: 3,
    run: ({ vault, name }) => vault.describe(name),
    check: async ({ first }, answer) =>
      expect(answer).toMatchObject({ versions: { [first]: ['AWSCURRENT'] } }),
  },
  {
    name: 'a promotion',
    action: 'UpdateSecretVersionStage',
    code: 'VAULT_UNAVAILABLE',
    attempts: 3,
    prepare: withPending,
    run: ({ vault, name, first, second }) => vault.moveCurrent(name, { to: second, from: first }),
    // Whoever moves it again looks where it is when he is told that it is elsewhere.
    again: ({ vault, name, first, second }) =>
      vault.moveCurrent(name, { to: second, from: first }).catch((error: unknown) => {
        if (!isLockstepError(error, 'LABEL_CONFLICT')) throw error;
      }),
    check: async (subject) => {
      const labels = await labelsOf(subject);
      expect(labels[subject.second]).toContain('AWSCURRENT');
      expect(labels[subject.first]).toEqual(['AWSPREVIOUS']);
    },
  },
  {
    name: 'taking a label off',
    action: 'UpdateSecretVersionStage',
    code: 'VAULT_UNAVAILABLE',
    attempts: 3,
    prepare: withPending,
    run: ({ vault, name, second }) => vault.removePending(name, second),
    check: async (subject) => {
      const labels = await labelsOf(subject);
      expect(labels[subject.first]).toEqual(['AWSCURRENT']);
      expect(labels[subject.second] ?? []).toEqual([]);
    },
  },
  {
    name: 'starting a rotation',
    action: 'RotateSecret',
    code: 'VAULT_UNAVAILABLE',
    attempts: 3,
    run: ({ vault, name, second }) => vault.startRotation(name, { token: second, immediately: true }),
    check: async ({ started, second }) => expect([...started]).toEqual([second]),
  },
];

const { ministack } = bedAddresses();

describeFaults('the vault', (isImpatient) => vaultUnderFaults(ministack, isImpatient), CASES);
