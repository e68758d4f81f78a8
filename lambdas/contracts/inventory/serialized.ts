import type { Inventory } from '../../core/credential.ts';
import { canonicalJson, sha256Hex } from '../../core/digest.ts';
import { LockstepError } from '../../core/errors.ts';

/*
 * The resolved inventory as a file. A function reads it back without the schema library: the digest shows
 * that it is, to the byte, what the checks have passed.
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

/** Reads an inventory that `serializeInventory` wrote. Errors: `INVENTORY_INVALID` where it is not one, or was changed. */
export function parseInventory(text: string): Inventory {
  const parsed = parseJson(text);
  if (!isInventory(parsed)) throw invalid('it is no resolved inventory');
  const { digest, ...body } = parsed;
  if (inventoryDigest(body) !== digest) throw invalid('its digest does not fit its content');
  return parsed;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The parser's own error quotes its input.
    throw invalid('it is no JSON');
  }
}

/** Shape enough to compute the digest, which then vouches for the rest. */
function isInventory(value: unknown): value is Inventory {
  if (typeof value !== 'object' || value === null) return false;
  const { environment, digest, credentials } = value as Readonly<Record<string, unknown>>;
  return typeof environment === 'string' && typeof digest === 'string' && Array.isArray(credentials);
}

const invalid = (why: string): LockstepError =>
  new LockstepError(
    'INVENTORY_INVALID',
    `the resolved inventory cannot be used: ${why}. Write it again with \`lockstep inventory check\` or a new synthesis`,
  );
