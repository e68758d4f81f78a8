import { readFileSync } from 'node:fs';
import { issuerPlace, endpointUrl } from '../../embedded/issuer/issuer-places.ts';
import { doubleApiUrl, DOUBLE_PROJECT } from '../../embedded/runtime/workspace-double.ts';
import { serverFiles } from '../../embedded/postgres/server-files.ts';
import { localWorld } from '../../embedded/world/local-names.ts';
import type { WorldFolder } from '../../embedded/world/world-folder.ts';
import { inventoryError, LOCAL, resolveInventory } from '../../lambdas/contracts/inventory/index.ts';
import type { Inventory } from '../../lambdas/core/credential.ts';
import { LockstepError } from '../../lambdas/core/errors.ts';

/**
 * The inventory of the embedded world as its last runtime had it: the same file, and the ports that were given
 * out then. Throws `INVENTORY_INVALID` with all problems.
 */
export function localInventory(folder: WorldFolder, workspace: unknown): Inventory {
  const ports = readPorts(folder.ports);
  const postgresPort = Number(readText(serverFiles(folder.postgres).port));
  const double = ports.get('openai-double');
  if (!Number.isInteger(postgresPort) || postgresPort <= 0 || double === undefined)
    throw new LockstepError(
      'NOTHING_REACHABLE',
      `the world in ${folder.root} was never started to its end; run: npm start`,
    );
  const resolution = resolveInventory(workspace, LOCAL, {
    localWorld: localWorld({
      postgres: { host: '127.0.0.1', port: postgresPort },
      openaiApiUrl: doubleApiUrl(double),
      openaiProject: DOUBLE_PROJECT,
      servicePort: (name) => ports.get(name),
      issuer: (name) => issuerPlace(endpointUrl(ports.get('endpoint') ?? 0), name),
    }),
  });
  if (resolution.inventory) return resolution.inventory;
  throw inventoryError(resolution.problems);
}

function readPorts(path: string): ReadonlyMap<string, number> {
  try {
    const ports: unknown = JSON.parse(readText(path));
    const entries = Object.entries(typeof ports === 'object' && ports !== null ? ports : {});
    return new Map(entries.filter((entry): entry is [string, number] => Number.isInteger(entry[1])));
  } catch {
    return new Map();
  }
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    // Not there: the world was never started to its end, and the caller says so.
    return '';
  }
}
