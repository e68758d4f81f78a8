import type { LeftOut } from '../../lambdas/contracts/inventory/index.ts';
import { LOCAL } from '../../lambdas/contracts/inventory/local-world.ts';
import { accessOf } from '../../lambdas/core/access/access-inventory.ts';
import { formatProblems, type Problem } from '../../lambdas/contracts/inventory/problem.ts';
import type { PolicyBundle } from '../../lambdas/cedar/policy-bundle.ts';
import type { Inventory } from '../../lambdas/core/credential.ts';
import { examples, type DefineCommand, type Work } from '../command-tools.ts';
import { EXIT } from '../exit-codes.ts';
import { plainText } from '../output/plain-text.ts';
import { findStage } from '../workspace/find-stage.ts';
import { inventoriesOf, readPoliciesOf, THE_POLICIES } from '../workspace/policies-here.ts';

/** What a check of the policies found. */
interface Checked {
  readonly ok: boolean;
  readonly environments: readonly string[];
  /** How many policies there are; absent where they could not be read. */
  readonly policies?: number;
  readonly problems: readonly Problem[];
  /** Ids of rules that nothing in the inventory meets yet. */
  readonly idle: readonly string[];
  /** What may be meant as it is, and is worth knowing. */
  readonly remarks: readonly string[];
  /** What can be leased elsewhere and is left out of `local`, so that no policy decides about it there; absent where nothing is. */
  readonly leftOut?: readonly LeftOut[];
  /** SHA-256 of what decides, as the audit has it (`why.decidedBy`): of all policies, and of the inventory by environment. */
  readonly digests?: { readonly policies: string; readonly inventories: Readonly<Record<string, string>> };
}

/** `lockstep policy check`. */
export const definePolicyCheck: DefineCommand = (parent, act) => {
  parent
    .command('check')
    .summary('check the policies beside the inventory; offline')
    .description(
      'Checks the folder policies beside lockstep.config.ts, for every environment or the stage that is named: strict ' +
        'validation, policies that never decide anything, what nobody may use, what has no emergency path, tier 0 without ' +
        'a second person or under another name, and the blast radius of each principal. Touches nothing. Exits 2 where there are problems.',
    )
    .addHelpText(
      'after',
      examples(
        ['lockstep policy check', 'every environment'],
        ['lockstep policy check --stage production', 'one of them'],
      ),
    )
    .action(act(check));
};

const check: Work<object> = async (invocation) => {
  const { place, surroundings } = invocation;
  const workspace = await surroundings.loadWorkspace(place.folder);
  if (place.stage !== undefined) findStage(workspace, place.stage);
  const inventories = await inventoriesOf(workspace, undefined);
  const environments =
    place.stage === undefined ? inventories.map(({ environment }) => environment) : [place.stage];
  if (inventories.every((inventory) => accessOf(inventory).leasables.length === 0)) {
    const none: Checked = { ok: true, environments, policies: 0, problems: [], idle: [], remarks: [] };
    return invocation.answer(none, () => 'Nothing can be leased here, so nothing is decided by policies.');
  }
  const { bundle, problems: unreadable } = await readPoliciesOf(place.folder);
  const { checkPolicies } = await import('../../lambdas/cedar/review/check-policies.ts');
  const { problems, idle, remarks } = bundle
    ? checkPolicies(bundle, inventories, place.stage)
    : { problems: unreadable, idle: [], remarks: [] };
  const { leftOutOfLocal, leftOutText } = await import('../../embedded/world/examine-local.ts');
  const leftOut = environments.includes(LOCAL) ? leftOutOfLocal(workspace) : [];
  const checked: Checked = {
    ok: problems.length === 0,
    environments,
    ...(bundle ? { policies: Object.keys(bundle.policies).length } : {}),
    problems,
    idle,
    remarks: [...remarks, ...leftOutText(leftOut)],
    ...(leftOut.length > 0 ? { leftOut } : {}),
    ...(bundle ? { digests: await digestsOf(bundle, inventories, environments) } : {}),
  };
  return invocation.answer(checked, () => checkedText(checked), checked.ok ? EXIT.done : EXIT.wrong);
};

async function digestsOf(
  bundle: PolicyBundle,
  inventories: readonly Inventory[],
  environments: readonly string[],
): Promise<NonNullable<Checked['digests']>> {
  const { policiesDigest } = await import('../../lambdas/cedar/policy-bundle.ts');
  const named = inventories.filter(({ environment }) => environments.includes(environment));
  return {
    policies: policiesDigest(bundle),
    inventories: Object.fromEntries(named.map(({ environment, digest }) => [environment, digest])),
  };
}

function checkedText({ ok, environments, policies, problems, idle, remarks }: Checked): string {
  const unmet =
    idle.length === 0
      ? []
      : ['', `Nothing in the inventory meets these yet: ${idle.map(plainText).join(', ')}.`];
  const head = ok
    ? [`The policies are sound: ${policies ?? 0}, for ${environments.join(', ')}.`]
    : formatProblems(problems, THE_POLICIES).split('\n').map(plainText);
  const worthKnowing =
    remarks.length === 0 ? [] : ['', ...remarks.map((each) => `Remark: ${plainText(each)}.`)];
  return [...head, ...unmet, ...worthKnowing].join('\n');
}
