import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { secretsManagerCatalog } from '../../lambdas/adapters/secrets-manager-vault/secrets-manager-catalog.ts';
import { clientOf } from './doubles/http-double.ts';
import { ServiceError } from './doubles/json-double.ts';
import { secretsManagerDouble, type SecretsManagerDouble } from './doubles/secrets-manager.ts';

let aws: SecretsManagerDouble;
beforeEach(async () => {
  aws = await secretsManagerDouble();
});
afterEach(() => aws.close());

const catalog = () => secretsManagerCatalog(new SecretsManagerClient(clientOf(aws)));

it('lists the names below a prefix, over all pages, and none that only look like it', async () => {
  const ours = ['a', 'b', 'c', 'd', 'e'].map((name) => `lockstep/staging/${name}`);
  for (const name of [...ours.toReversed(), 'team/lockstep/staging/x', 'Lockstep/Staging/y', 'other'])
    aws.declare(name);
  expect(await catalog().list('lockstep/staging/')).toEqual(ours);
  expect(aws.inputs('ListSecrets').length).toBeGreaterThan(2);
  expect(aws.inputs('ListSecrets')[0]).toMatchObject({
    Filters: [{ Key: 'name', Values: ['lockstep/staging/'] }],
  });
});

it('is empty where nothing is declared', async () => {
  expect(await catalog().list('lockstep/staging/')).toEqual([]);
});

it('says VAULT_REFUSED where listing is not allowed', async () => {
  aws.fail('ListSecrets', new ServiceError('AccessDeniedException', 'no'));
  await expect(catalog().list('lockstep/staging/')).rejects.toMatchObject({ code: 'VAULT_REFUSED' });
});
