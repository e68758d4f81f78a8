// Writes the published JSON Schema of the inventory. Run it after a change to a kind: node --import tsx scripts/write-inventory-schema.ts
import { writeFileSync } from 'node:fs';
import { inventorySchemaText } from '../lambdas/contracts/inventory/json-schema.ts';

writeFileSync(new URL('../docs/formats/inventory.schema.json', import.meta.url), inventorySchemaText());
