import { examples, type DefineCommand, type Work } from '../command-tools.ts';
import { inventoryText } from '../output/inventory-text.ts';

/** `lockstep inventory list`. */
export const defineInventoryList: DefineCommand = (parent, act) => {
  parent
    .command('list')
    .summary('every declared credential, and whether it has a value and is adopted')
    .description(
      'Lists every declared credential, and whether the vault has a value of it and it is adopted.',
    )
    .addHelpText(
      'after',
      examples(['lockstep inventory list --stage staging', 'what is left to adopt there']),
    )
    .action(act(list));
};

const list: Work<object> = async (invocation) => {
  const report = await (await invocation.connect()).query('inventory', {});
  return invocation.answer(report, () => inventoryText(report, invocation.paint));
};
