import Database from 'libsql';
import { EmbeddedVault } from '../../embedded/vault/open-vault.ts';
import type { WorldFolder } from '../../embedded/world/world-folder.ts';
import { isLockstepError } from '../../lambdas/core/errors.ts';
import type { Secret } from '../../lambdas/core/secret.ts';

/** Every value that a world's vault holds, of every version. For tests alone: nobody else may read all. */
export async function valuesOf(folder: WorldFolder): Promise<readonly Secret[]> {
  const versions = versionsIn(folder);
  const vault = new EmbeddedVault({
    path: folder.stores.vault,
    keyPath: folder.keys.vault,
    account: '000000000000',
    region: 'local',
    clock: () => new Date(),
    newId: () => 'test',
    randomBytes: (length) => new Uint8Array(length),
    authorise: () => true,
    defaultBus: async () => undefined,
    startRotation: async () => undefined,
  });
  try {
    const values: Secret[] = [];
    for (const { name } of vault.listSecrets()) {
      for (const version of versions) {
        const held = await vault
          .vaultFor('test')
          .read(name, { version })
          .catch((error: unknown) => {
            if (isLockstepError(error, 'UNKNOWN_VERSION')) return undefined;
            throw error;
          });
        if (held) values.push(held.value);
      }
    }
    return values;
  } finally {
    vault.close();
  }
}

function versionsIn({ stores }: WorldFolder): readonly string[] {
  const database = new Database(stores.vault, { readonly: true });
  try {
    const rows = database.prepare('SELECT DISTINCT id AS version FROM version').all() as readonly {
      readonly version: string;
    }[];
    return rows.map(({ version }) => version);
  } finally {
    database.close();
  }
}
