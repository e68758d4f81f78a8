import type { Inventory } from '../../core/credential.ts';
import { canonicalJson, sha256Hex } from '../../core/digest.ts';

/*
 * The resolved inventory as a file. No schema library here: whoever carries it on needs none.
 */

/** An inventory before its digest is known. */
export type InventoryBody = Omit<Inventory, 'digest'>;

/** SHA-256 over the canonical JSON of everything but the digest itself. */
export const inventoryDigest = (body: InventoryBody): string => sha256Hex(canonicalJson(body));

/** The inventory with its digest, in the form that survives JSON: nothing in it is `undefined`. */
export function sealInventory(body: InventoryBody): Inventory {
  const plain = JSON.parse(JSON.stringify(body)) as InventoryBody;
  return { ...plain, digest: inventoryDigest(plain) };
}

/** The text of an inventory: equal inventories have equal texts. */
export const serializeInventory = (inventory: Inventory): string => canonicalJson(inventory);
