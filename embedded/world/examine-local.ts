import { createHash } from 'node:crypto';
import {
  inventoryError,
  LOCAL,
  type LeftOut,
  resolveInventory,
  type Problem,
  type Resolution,
} from '../../lambdas/contracts/inventory/index.ts';
import type { Inventory } from '../../lambdas/core/credential.ts';
import { issuerPlace } from '../issuer/issuer-places.ts';
import { LOCAL_LEASE_KINDS, localWorld, type LocalPlaces } from './local-names.ts';
import { withoutProgram } from './local-services.ts';

/** Stands for places that are not known yet, to check everything else of a file. */
const NOWHERE: LocalPlaces = {
  postgres: { host: '127.0.0.1', port: 5432 },
  openaiApiUrl: 'http://127.0.0.1:443/v1',
  openaiProject: 'proj_nowhere',
  // A port of its own for each name: two receivers at one address would be a fault of the file.
  servicePort: (name) => 1024 + (createHash('sha256').update(name).digest().readUInt16BE() % 60_000),
  issuer: (name) => issuerPlace('http://127.0.0.1:443', name),
};

/** A workspace for any of its environments; what the embedded world would give stands for itself. */
export const resolveAnywhere = (workspace: unknown, environment: string): Resolution =>
  resolveInventory(workspace, environment, { localWorld: localWorld(NOWHERE) });

/** All that is wrong with a workspace for the embedded world, before anything of that is there. */
export function examineLocal(workspace: unknown): readonly Problem[] {
  const { inventory, problems } = resolveAnywhere(workspace, LOCAL);
  return inventory ? withoutProgram(inventory) : problems;
}

/** What can be leased elsewhere and is left out here. */
export const leftOutOfLocal = (workspace: unknown): readonly LeftOut[] =>
  resolveAnywhere(workspace, LOCAL).leftOut ?? [];

/** That in a sentence without its full stop; none, where nothing is. */
export function leftOutText(leftOut: readonly LeftOut[]): readonly string[] {
  if (leftOut.length === 0) return [];
  const named = leftOut.map(({ name, kind }) => `${name} (${kind})`).join(', ');
  return [
    `left out of ${LOCAL}, whose world serves leases of ${LOCAL_LEASE_KINDS.join(' and ')} alone: ${named}`,
  ];
}

/** The workspace as this machine has it. Throws `INVENTORY_INVALID` with all problems. */
export function resolveLocal(workspace: unknown, places: LocalPlaces): Inventory {
  const { inventory, problems } = resolveInventory(workspace, LOCAL, { localWorld: localWorld(places) });
  if (inventory) return inventory;
  throw inventoryError(problems);
}
