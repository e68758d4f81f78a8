import type { DefineCommand } from '../command-tools.ts';
import { definePolicyCheck } from './policy-check.ts';

/** `lockstep policy` and what belongs to it. */
export const definePolicy: DefineCommand = (parent, act) => {
  const policy = parent
    .command('policy')
    .helpCommand(false)
    .summary('what policies decide: check')
    .description(
      'What the policies of the workspace decide, over its inventory. Nothing is asked, changed or touched.',
    );
  for (const define of [definePolicyCheck]) define(policy, act);
};
