import type { DefineCommand } from '../command-tools.ts';
import { definePolicyCheck } from './policy-check.ts';
import { definePolicyDiff } from './policy-diff.ts';
import { definePolicyExplain } from './policy-explain.ts';

/** `lockstep policy` and what belongs to it. */
export const definePolicy: DefineCommand = (parent, act) => {
  const policy = parent
    .command('policy')
    .helpCommand(false)
    .summary('what policies decide: check, explain, diff')
    .description(
      'What the policies of the workspace decide, over its inventory. Nothing is asked, changed or touched.',
    );
  for (const define of [definePolicyCheck, definePolicyExplain, definePolicyDiff]) define(policy, act);
};
