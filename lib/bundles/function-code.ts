import { Code } from 'aws-cdk-lib/aws-lambda';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { serializeInventory } from '../../lambdas/contracts/inventory/index.ts';
import type { FunctionName } from '../../lambdas/contracts/names.ts';
import type { Inventory } from '../../lambdas/core/credential.ts';
import type { Bundle, Bundles } from './bundle-handlers.ts';
import { inventoryFor } from './inventory-part.ts';

/** Where the constructs get the code of a function from. */
export interface FunctionCode {
  /** The bundle of a function, with the part of the inventory that it reads beside it. */
  of(name: FunctionName, inventory: Inventory): Code;
}

/** Bundles as folders, for as long as a synthesis takes: the toolkit copies them when a construct asks. */
export class TemporaryFunctionCode implements FunctionCode {
  readonly #bundles: Bundles;
  readonly #folder = mkdtempSync(join(tmpdir(), 'lockstep-code-'));

  constructor(bundles: Bundles) {
    this.#bundles = bundles;
  }

  of(name: FunctionName, inventory: Inventory): Code {
    const bundle = this.#bundles.get(name);
    if (!bundle)
      throw new Error(`the function ${name} has no handler; lib/bundles/handlers.ts lists those there are`);
    const folder = join(this.#folder, inventory.environment, name);
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'index.mjs'), bundle.code);
    writeFileSync(join(folder, 'index.mjs.map'), bundle.map);
    if (bundle.readsInventory)
      writeFileSync(join(folder, 'inventory.json'), inventoryTextFor(bundle, inventory));
    return Code.fromAsset(folder);
  }

  /** Removes the folders. */
  dispose(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

const inventoryTextFor = ({ name }: Bundle, inventory: Inventory): string =>
  serializeInventory(inventoryFor(name, inventory));
