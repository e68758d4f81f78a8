import {
  CreateSecretCommand,
  DeleteSecretCommand,
  DescribeSecretCommand,
  SecretsManagerClient,
  UpdateSecretVersionStageCommand,
} from '@aws-sdk/client-secrets-manager';
import { randomUUID } from 'node:crypto';
import { secretsManagerVault } from '../../../lambdas/adapters/secrets-manager-vault/secrets-manager-vault.ts';
import { describeVaultContract, type VaultUnderTest } from '../../ports/vault-contract.ts';
import { describeWithFailures } from '../deviations/known-failures.ts';
import { deviation } from '../deviations/table.ts';
import { bedAddresses } from '../launch/bed-addresses.ts';
import { clientAt, uniqueName } from './bed-client.ts';

async function vaultAt(url: string): Promise<VaultUnderTest> {
  const client = new SecretsManagerClient(clientAt(url));
  const name = uniqueName('lockstep/beds/vector-store');
  await client.send(new CreateSecretCommand({ Name: name }));
  await forgetEmptyVersion(client, name);
  const cleanUp = async (): Promise<void> => {
    await client.send(new DeleteSecretCommand({ SecretId: name, ForceDeleteWithoutRecovery: true }));
    client.destroy();
  };
  return { vault: secretsManagerVault(client), name, newToken: randomUUID, cleanUp };
}

/** Where a bed makes a version for a secret without a value, that version is not to be seen: `ministack-makes-an-empty-version`. */
async function forgetEmptyVersion(client: SecretsManagerClient, name: string): Promise<void> {
  const { VersionIdsToStages: versions = {} } = await client.send(
    new DescribeSecretCommand({ SecretId: name }),
  );
  for (const version of Object.keys(versions))
    await client.send(
      new UpdateSecretVersionStageCommand({
        SecretId: name,
        VersionStage: 'AWSCURRENT',
        RemoveFromVersionId: version,
      }),
    );
}

const { ministack, moto } = bedAddresses();

const overwritten = (because: ReturnType<typeof deviation>) => ({
  'refuses another value for the same token and keeps the stored one': {
    because,
    says: /expected 'none' to be 'VERSION_CONFLICT'/,
  },
  'quotes no value in an error': { because, says: /an error of ours was expected/ },
  'lets one of two values for a token win, and keeps it': {
    because,
    says: /expected \[ 'none', 'none', 'none' \] to have a length of 1/,
  },
});

describeWithFailures(
  'MiniStack',
  {
    ...overwritten(deviation('ministack-overwrites-a-version')),
    'knows a declared secret before it has a value': {
      because: deviation('ministack-says-rotation-is-off'),
      says: /to match object/,
    },
    'makes the first version of a secret current, also where it is put as pending': {
      because: deviation('ministack-first-pending-is-not-current'),
      says: /to deeply equal/,
    },
    'moves AWSPENDING to a newer token and keeps the older version, without a label': {
      because: deviation('ministack-leaves-pending-on-two'),
      says: /not include/,
    },
    'lists the versions that carry a label, with when each was made': {
      because: deviation('ministack-leaves-pending-on-two'),
      says: /to deeply equal/,
    },
    'moves no label when a put is repeated after the world went on': {
      because: deviation('ministack-repeats-a-put'),
      says: /to deeply equal/,
    },
  },
  () => describeVaultContract('Secrets Manager', () => vaultAt(ministack)),
);

describeWithFailures(
  'moto',
  {
    ...overwritten(deviation('moto-overwrites-a-version')),
    'moves AWSPENDING to a newer token and keeps the older version, without a label': {
      because: deviation('moto-lists-what-has-no-label'),
      says: /not include/,
    },
    'takes the last label off the oldest version in the next rotation': {
      because: deviation('moto-lists-what-has-no-label'),
      says: /not include/,
    },
    'refuses to move AWSCURRENT to a version that it does not have': {
      because: deviation('moto-loses-current-in-a-refusal'),
      says: /expected 'LABEL_CONFLICT' to be 'UNKNOWN_VERSION'/,
    },
    'names a secret that it does not have': {
      because: deviation('moto-breaks-on-versions-of-nothing'),
      says: /expected 'VAULT_UNAVAILABLE' to be 'UNKNOWN_CREDENTIAL'/,
    },
  },
  () => describeVaultContract('Secrets Manager', () => vaultAt(moto)),
);
