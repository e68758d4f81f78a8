import { secretName, type Credential, type Inventory } from './credential.ts';
import { LockstepError } from './errors.ts';

/** The credential of that name, or `UNKNOWN_CREDENTIAL`. */
export function findCredential(inventory: Inventory, name: string): Credential {
  const found = inventory.credentials.find((credential) => credential.name === name);
  if (found) return found;
  throw new LockstepError(
    'UNKNOWN_CREDENTIAL',
    `the inventory of ${inventory.environment} declares no credential of that name`,
  );
}

/**
 * The credential that a secret id means: a name, a full ARN or one without its suffix. Secrets Manager
 * appends a hyphen and six characters to the name in an ARN
 * (https://docs.aws.amazon.com/secretsmanager/latest/userguide/whats-in-a-secret.html).
 */
export function findCredentialOfSecret(inventory: Inventory, secretId: string): Credential {
  const name = /^arn:[^:]+:secretsmanager:[^:]*:[^:]*:secret:(.+)$/.exec(secretId)?.[1] ?? secretId;
  const means = (credential: Credential): boolean =>
    secretName(inventory.environment, credential.name) === name;
  const withoutSuffix = name.replace(/-[A-Za-z0-9]{6}$/, '');
  const found =
    inventory.credentials.find(means) ??
    (name === secretId
      ? undefined
      : inventory.credentials.find(
          ({ name: each }) => secretName(inventory.environment, each) === withoutSuffix,
        ));
  if (found) return found;
  throw new LockstepError(
    'UNKNOWN_CREDENTIAL',
    `the inventory of ${inventory.environment} declares no credential with that secret`,
  );
}
