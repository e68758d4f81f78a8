import { nearest } from '../../lambdas/contracts/inventory/nearest.ts';
import { LockstepError } from '../../lambdas/core/errors.ts';
import { examples, type DefineCommand, type Work } from '../command-tools.ts';
import { linesText } from '../output/policy-text.ts';
import { inventoryHere, policiesOf } from '../workspace/policies-here.ts';

/** `lockstep what-can`. */
export const defineWhatCan: DefineCommand = (parent, act) => {
  parent
    .command('what-can')
    .summary('what a workload, an agent, a role or a function may do, and what it needs')
    .description(
      'Lists everything that one principal may do, by partial evaluation of the policies: what is not known is left open, ' +
        'and told as a condition. Reads the files of the workspace only. With --stage for an environment on AWS, else for the ' +
        'embedded world.',
    )
    .argument('<principal>', 'workload:<name>, agent:<name>, role:<name>, function:<name>, or a name alone')
    .addHelpText(
      'after',
      examples(
        ['lockstep what-can agent:research-agent', 'its ceiling'],
        ['lockstep what-can role:on-call --stage production', 'what people on call may do there'],
      ),
    )
    .action(act(whatMay));
};

const whatMay: Work<object> = async (invocation, principal = '') => {
  const inventory = await inventoryHere(invocation);
  const bundle = await policiesOf(invocation.place.folder);
  const { whatCan } = await import('../../lambdas/cedar/review/who-can.ts');
  const { lines, names } = whatCan(bundle, inventory, principal);
  if (names) throw unknownPrincipal(principal, names);
  const { environment } = inventory;
  return invocation.answer({ environment, principal, lines }, () =>
    linesText(lines, { title: `${environment}: what ${principal} may do`, by: 'what' }, invocation),
  );
};

/** The error for a principal that the inventory does not have, or has two of. It never shows the name that was given. */
export function unknownPrincipal(given: string, names: readonly string[]): LockstepError {
  const bare = (name: string): string => name.slice(name.indexOf(':') + 1);
  const alike = nearest(given, names.map(bare));
  const near = nearest(given, names) ?? names.find((name) => bare(name) === alike);
  const twins = names.filter((name) => bare(name) === given);
  const hint =
    twins.length > 1
      ? `say which one is meant: ${twins.join(', ')}`
      : near === undefined
        ? `it has ${names.slice(0, 12).join(', ')}`
        : `did you mean ${near}?`;
  return new LockstepError('COMMAND_INVALID', `the inventory has no one principal of that name; ${hint}`);
}
