import { examples, type DefineCommand, type Work } from '../command-tools.ts';
import { inventoryText } from '../output/inventory-text.ts';

/** `lockstep inventory list`. */
export const defineInventoryList: DefineCommand = (parent, act) => {
  parent
    .command('list')
    .summary('everything declared: credentials, lease authorities, and what can be leased')
    .description(
      'Lists every declared credential, and whether the vault has a value of it and it is adopted; what leases are made by, and ' +
        'whether it was supplied; and what can be leased.',
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
