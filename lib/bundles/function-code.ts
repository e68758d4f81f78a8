import { Code } from 'aws-cdk-lib/aws-lambda';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { POLICY_FILE } from '../../lambdas/cedar/policy-bundle.ts';
import { serializeInventory } from '../../lambdas/contracts/inventory/index.ts';
import type { FunctionName } from '../../lambdas/contracts/names.ts';
import type { Inventory } from '../../lambdas/core/credential.ts';
import type { Bundles } from './bundle-handlers.ts';
import { inventoryFor } from './inventory-part.ts';

/** Where the constructs get the code of a function from. */
export interface FunctionCode {
  /** The bundle of a function, with the part of the inventory that it reads beside it. */
  of(name: FunctionName, inventory: Inventory): Code;
}

/** Bundles as folders, for as long as a synthesis takes: the toolkit copies them when a construct asks. */
export class TemporaryFunctionCode implements FunctionCode {
  readonly #bundles: Bundles;
  readonly #policies: string | undefined;
  readonly #folder = mkdtempSync(join(tmpdir(), 'lockstep-code-'));

  /** @param policies what is decided by, as the file beside a function holds it; `undefined` where nothing can be leased */
  constructor(bundles: Bundles, policies: string | undefined) {
    this.#bundles = bundles;
    this.#policies = policies;
  }

  of(name: FunctionName, inventory: Inventory): Code {
    const bundle = this.#bundles.get(name);
    if (!bundle)
      throw new Error(`the function ${name} has no handler; lib/bundles/handlers.ts lists those there are`);
    const folder = join(this.#folder, inventory.environment, name);
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'index.mjs'), bundle.code);
    writeFileSync(join(folder, 'index.mjs.map'), bundle.map);
    for (const [file, from] of Object.entries(bundle.files)) copyFileSync(from, join(folder, file));
    if (bundle.readsInventory)
      writeFileSync(join(folder, 'inventory.json'), serializeInventory(inventoryFor(name, inventory)));
    if (bundle.readsPolicies) writeFileSync(join(folder, POLICY_FILE), this.#policiesFor(name));
    return Code.fromAsset(folder);
  }

  /** Removes the folders. */
  dispose(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #policiesFor(name: FunctionName): string {
    if (this.#policies !== undefined) return this.#policies;
    throw new Error(`the function ${name} decides by policies, and none were given to the synthesis`);
  }
}
