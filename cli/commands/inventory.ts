import type { DefineCommand } from '../command-tools.ts';
import { defineInventoryCheck } from './inventory-check.ts';
import { defineInventoryDrift } from './inventory-drift.ts';
import { defineInventoryList } from './inventory-list.ts';

/** `lockstep inventory` and what belongs to it. */
export const defineInventory: DefineCommand = (parent, act) => {
  const inventory = parent
    .command('inventory')
    .helpCommand(false)
    .summary('what is declared: check, list, drift')
    .description('What lockstep.config.ts declares, by itself and beside what the vault holds.');
  for (const define of [defineInventoryCheck, defineInventoryList, defineInventoryDrift])
    define(inventory, act);
};
