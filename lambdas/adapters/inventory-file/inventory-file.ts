import { readFileSync } from 'node:fs';
import { fit, parseJson } from '../../contracts/check.ts';
import type { Inventory } from '../../core/credential.ts';
import { foreignName, LockstepError } from '../../core/errors.ts';
import { inventoryShape } from './inventory-shape.ts';

/** The name of the file that synthesis puts beside each handler's bundle. */
const INVENTORY_FILE = 'inventory.json';

/**
 * Reads the inventory, once per cold start: a changed inventory is a new deployment.
 *
 * @param beside the module that it lies beside: `import.meta.url` of the handler
 * Errors: `INVENTORY_INVALID` with the path of the field.
 */
export function readInventoryFile(beside: string | URL): Inventory {
  return fit(
    inventoryShape,
    parse(read(new URL(INVENTORY_FILE, beside))),
    'INVENTORY_INVALID',
    INVENTORY_FILE,
  );
}

const parse = (json: string): unknown => parseJson(json, 'INVENTORY_INVALID', INVENTORY_FILE);

function read(file: URL): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new LockstepError(
      'INVENTORY_INVALID',
      `${INVENTORY_FILE} beside the function cannot be read (${foreignName(error)}); synthesis puts it there, so deploy again`,
      { cause: error },
    );
  }
}
