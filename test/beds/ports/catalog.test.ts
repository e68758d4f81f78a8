import {
  CreateSecretCommand,
  DeleteSecretCommand,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { expect, it } from 'vitest';
import { secretsManagerCatalog } from '../../../lambdas/adapters/secrets-manager-vault/secrets-manager-catalog.ts';
import { bedAddresses } from '../launch/bed-addresses.ts';
import { clientAt, uniqueName } from './bed-client.ts';

const { ministack, moto } = bedAddresses();

/** One more than a page of ListSecrets holds. */
const MANY = 101;

it.each([
  ['MiniStack', ministack],
  ['moto', moto],
])('lists every secret whose name begins so, over more than a page, and no other: %s', async (_, url) => {
  const client = new SecretsManagerClient(clientAt(url));
  const prefix = `${uniqueName('lockstep')}/`;
  const ours = Array.from({ length: MANY }, (__, index) => `${prefix}${String(index).padStart(3, '0')}`);
  const all = [...ours, `other/${prefix}000`];
  await Promise.all(
    all.map((Name) => client.send(new CreateSecretCommand({ Name, SecretString: 'not-a-real-secret' }))),
  );
  expect(await secretsManagerCatalog(client).list(prefix)).toEqual(ours);
  const drop = (SecretId: string) =>
    client.send(new DeleteSecretCommand({ SecretId, ForceDeleteWithoutRecovery: true }));
  await Promise.all(all.map(drop));
  expect(await secretsManagerCatalog(client).list(prefix)).toEqual([]);
});
