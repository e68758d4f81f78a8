import { paginateListSecrets, type SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { SecretCatalog } from '../../core/ports/secret-catalog.ts';
import { vaultError } from './vault-error.ts';

/** `SecretCatalog` on ListSecrets, which has no resource to be limited to: it shows every name of the account, and no value. */
export function secretsManagerCatalog(client: SecretsManagerClient): SecretCatalog {
  return {
    list: async (prefix) => {
      const names: string[] = [];
      try {
        // The filter matches beginnings of words; what it lets through besides is dropped here.
        const filter = { Filters: [{ Key: 'name' as const, Values: [prefix] }], MaxResults: 100 };
        for await (const page of paginateListSecrets({ client }, filter)) {
          names.push(
            ...(page.SecretList ?? []).flatMap(({ Name: name }) => (name?.startsWith(prefix) ? [name] : [])),
          );
        }
      } catch (error) {
        throw vaultError('list', prefix, error);
      }
      return names.sort();
    },
  };
}
