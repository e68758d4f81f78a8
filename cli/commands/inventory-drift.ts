import { examples, type DefineCommand, type Work } from '../command-tools.ts';
import { EXIT } from '../exit-codes.ts';
import { driftOf, driftText } from '../output/inventory-text.ts';
import { unknownCredential } from '../suggest-credential.ts';
import { declaredHere, fileDrift } from '../workspace/declared-here.ts';

/** `lockstep inventory drift`. */
export const defineInventoryDrift: DefineCommand = (parent, act) => {
  parent
    .command('drift')
    .summary('where the inventory and the vault differ, both ways')
    .description(
      'Names what is in the vault and not declared, what is declared and not in the vault, what lockstep.config.ts says and what ' +
        'works does not know yet, labels that somebody else moved, and pending versions that block a rotation. Exits 5 where there is any.',
    )
    .argument('[credential]', 'only this one')
    .addHelpText(
      'after',
      examples(['lockstep inventory drift', 'everything'], ['lockstep inventory drift vector-store', 'one']),
    )
    .action(act(drift));
};

const drift: Work<object> = async (invocation, credential) => {
  const report = await (await invocation.connect()).query('inventory', {});
  const names = report.credentials.map(({ name }) => name);
  const here = await declaredHere(invocation, report.environment);
  if (credential !== undefined && ![...names, ...(here.names ?? [])].includes(credential))
    throw unknownCredential(credential, names);
  const found = [...driftOf(report), ...fileDrift(here, names, invocation.options.stage)].filter(
    ({ subject }) => credential === undefined || subject === credential,
  );
  const result = { environment: report.environment, drift: found };
  return invocation.answer(
    result,
    () => driftText(report.environment, found, invocation.paint),
    found.length > 0 ? EXIT.drift : EXIT.done,
  );
};
