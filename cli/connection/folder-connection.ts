import { PageFile } from '../../embedded/pager/page-file.ts';
import { lockFolder } from '../../embedded/runtime/single-runtime.ts';
import { LOCAL_OPERATOR } from '../../embedded/world/authorise.ts';
import { openWorld, type World } from '../../embedded/world/open-world.ts';
import type { WorldFolder } from '../../embedded/world/world-folder.ts';
import { secretName } from '../../lambdas/core/credential.ts';
import { LockstepError } from '../../lambdas/core/errors.ts';
import type { NewId } from '../../lambdas/core/ports/ids.ts';
import type { Pager } from '../../lambdas/core/ports/pager.ts';
import type { Connection, QueryAnswers } from './connection.ts';
import { localInventory } from './local-inventory.ts';

/** What opening a folder's files needs. */
export interface FolderPlace {
  readonly folder: WorldFolder;
  readonly workspace: unknown;
  readonly operator: string;
  readonly newId: NewId;
}

/**
 * The way to a world where no runtime works: its files, under the runtime's own lock, so that no runtime can
 * start meanwhile. What is ordered is written down; nothing is delivered, timed or told until the next runtime.
 *
 * Errors: `FOLDER_IN_USE` a runtime holds the lock; those of the stores; `INVENTORY_INVALID`.
 */
export async function folderConnection(place: FolderPlace): Promise<Connection> {
  const { folder, workspace, operator, newId } = place;
  // The inventory first: a file that is wrong must not have touched anything.
  const inventory = localInventory(folder, workspace);
  const lock = lockFolder(folder.lock);
  let world: World;
  try {
    world = await openWorld({ folder, inventory, pager: pagerOf(folder) });
  } catch (error) {
    lock.release();
    throw error;
  }
  return {
    via: 'files',
    order: async (order) => {
      // A question makes nothing, or it could not tell what is missing.
      if (order.order === 'adopt') world.makeSecrets();
      return world.pipeline.operate({ name: operator }, order);
    },
    query: async (query, asks) =>
      (await world.pipeline.report({ query, ...asks } as Parameters<
        World['pipeline']['report']
      >[0])) as QueryAnswers[typeof query],
    putFirst: (credential, value) => {
      world.makeSecrets();
      return world.vault
        .vaultFor(LOCAL_OPERATOR)
        .putFirst(secretName(inventory.environment, credential), newId(), value);
    },
    putSupply: needsRuntime,
    proveSupply: needsRuntime,
    signToken: needsRuntime,
    close: async () => {
      // An adoption has its test run still under way.
      await world.stop();
      world.close();
      lock.release();
    },
  };
}

/** What a lease authority can do is known where its target runs, and issuers are where their keys can be read. */
const needsRuntime = async (): Promise<never> => {
  throw new LockstepError(
    'NOTHING_REACHABLE',
    'no runtime works on this folder, and this is done by one that does; nothing was done. Start it: npm start',
  );
};

/** Pages go through the bus, which nobody drives here. */
function pagerOf(folder: WorldFolder): Pager {
  const file = new PageFile(folder.pages);
  return { page: async (page) => void file.add(page) };
}
