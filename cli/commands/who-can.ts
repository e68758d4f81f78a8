import { nearest } from '../../lambdas/contracts/inventory/nearest.ts';
import { LockstepError } from '../../lambdas/core/errors.ts';
import { POLICY_ACTIONS, type PolicyAction } from '../../lambdas/core/policy/policy-request.ts';
import { examples, type DefineCommand, type Work } from '../command-tools.ts';
import { linesText } from '../output/policy-text.ts';
import { notAskedOf } from '../not-asked-of.ts';
import { inventoryHere, policiesOf } from '../workspace/policies-here.ts';

/** `lockstep who-can`. */
export const defineWhoCan: DefineCommand = (parent, act) => {
  parent
    .command('who-can')
    .summary('who may do something with a credential or a lease, and what each needs')
    .description(
      'Lists whoever may do something, by partial evaluation of the policies: what is not known is left open, and told as ' +
        'a condition. Reads the files of the workspace only. With --stage for an environment on AWS, else for the embedded world.',
    )
    .argument('<action>', POLICY_ACTIONS.join(', '))
    .argument('<credential>', 'a credential, a lease authority, or something that can be leased')
    .addHelpText(
      'after',
      examples(
        ['lockstep who-can lease vector-reader', 'here'],
        ['lockstep who-can read openai-agents --stage production', 'who holds a standing key'],
      ),
    )
    .action(act(whoMay));
};

const whoMay: Work<object> = async (invocation, word, name = '') => {
  const action = actionOf(word);
  const inventory = await inventoryHere(invocation);
  const bundle = await policiesOf(invocation.place.folder);
  const { whoCan } = await import('../../lambdas/cedar/review/who-can.ts');
  const { lines, names } = whoCan(bundle, inventory, { action, name });
  if (names) throw notAskedOf(inventory, { action, name, names });
  const { environment } = inventory;
  return invocation.answer({ environment, action, resource: name, lines }, () =>
    linesText(lines, { title: `${environment}: who may ${action} ${name}`, by: 'who' }, invocation),
  );
};

/** An action by its name. Throws `COMMAND_INVALID`. */
export function actionOf(word: string | undefined): PolicyAction {
  const action = POLICY_ACTIONS.find((each) => each === word);
  if (action) return action;
  const near = nearest(word ?? '', POLICY_ACTIONS);
  throw new LockstepError(
    'COMMAND_INVALID',
    `there is no such action; ${near === undefined ? `there are ${POLICY_ACTIONS.join(', ')}` : `did you mean ${near}?`}`,
  );
}
