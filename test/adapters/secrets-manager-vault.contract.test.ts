import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { secretsManagerVault } from '../../lambdas/adapters/secrets-manager-vault/secrets-manager-vault.ts';
import { countedIds } from '../fakes/counted-ids.ts';
import { describeVaultContract } from '../ports/vault-contract.ts';
import { clientOf } from './doubles/http-double.ts';
import { secretsManagerDouble } from './doubles/secrets-manager.ts';

describeVaultContract('the Secrets Manager adapter', async () => {
  const aws = await secretsManagerDouble();
  const name = 'lockstep/staging/vector-store';
  aws.declare(name);
  return {
    vault: secretsManagerVault(new SecretsManagerClient(clientOf(aws))),
    name,
    newToken: countedIds(1),
    cleanUp: () => aws.close(),
  };
});
