import type { Version } from '../../lambdas/cedar/review/compare-decisions.ts';
import type { PolicyBundle } from '../../lambdas/cedar/policy-bundle.ts';
import { isLockstepError, LockstepError } from '../../lambdas/core/errors.ts';
import { examples, type DefineCommand, type Work } from '../command-tools.ts';
import type { Invocation } from '../invocation.ts';
import { shownChange } from '../output/declarations-text.ts';
import { diffMarkdown, diffText, type Diff } from '../output/diff-text.ts';
import { atVersion } from '../workspace/at-version.ts';
import { inventoriesOf, policiesAsOf } from '../workspace/policies-here.ts';

interface Options {
  readonly markdown?: boolean;
}

/** `lockstep policy diff`. */
export const definePolicyDiff: DefineCommand = (parent, act) => {
  parent
    .command('diff')
    .summary('whose rights change between two versions of the repository')
    .description(
      'Compares every decision over the inventory between a version of the repository and the files as they are, or another ' +
        'version: of policies and of the inventory. Beside that, what the names stand for: who is who, what a lease gives, who ' +
        'supplies what. Loads lockstep.config.ts of both, as every command does of one. Changes ' +
        'nothing in the repository. Exits 0, whatever changes.',
    )
    .argument('<git-ref>', 'a branch, a tag or a commit: what was before')
    .argument('[to]', 'another one: what is after (default: the files as they are)')
    .option('--markdown', 'as Markdown, for a pull request')
    .addHelpText(
      'after',
      examples(
        ['lockstep policy diff main', 'what this branch changes'],
        ['lockstep policy diff origin/main --markdown --stage production', 'for a pull request'],
      ),
    )
    .action(act(diff));
};

const diff: Work<Options> = async (invocation, ref = '', to) => {
  const { place, options, paint } = invocation;
  const [{ compareDecisions }, { compareDeclarations }] = await Promise.all([
    import('../../lambdas/cedar/review/compare-decisions.ts'),
    import('../../lambdas/contracts/inventory/compare/compare-declarations.ts'),
  ]);
  const before = await versionAt(invocation, ref);
  const after: Dated =
    to === undefined
      ? { version: await versionIn(invocation, place.folder) }
      : await versionAt(invocation, to);
  const declarations = compareDeclarations(before.version.inventories, after.version.inventories);
  const result: Diff = {
    from: before.commit,
    ...(after.commit === undefined ? {} : { to: after.commit }),
    changes: compareDecisions(before.version, after.version),
    declarations: declarations.map(shownChange),
  };
  return invocation.answer(result, () => (options.markdown ? diffMarkdown(result) : diffText(result, paint)));
};

interface Dated {
  readonly version: Version;
  /** Absent: the files as they are. */
  readonly commit?: string;
}

/** What was committed is not mended any more. */
const NOT_COMPARED =
  'The Lockstep that is installed refuses that version, so it cannot be compared. Name a later one, which ' +
  '`git log --oneline -- lockstep.config.ts policies` lists, or compare by the Lockstep that was installed then: ' +
  'lockstep policy diff <git-ref>';

const versionAt = (
  invocation: Invocation<Options>,
  ref: string,
): Promise<Dated & { readonly commit: string }> =>
  atVersion(invocation.place.folder, ref, async ({ folder, commit }) => {
    try {
      return { version: await versionIn(invocation, folder), commit };
    } catch (error) {
      // Where it lay for a moment tells nobody anything; which version it was does.
      if (!isLockstepError(error)) throw error;
      throw new LockstepError(
        error.code,
        `in ${commit.slice(0, 12)}: ${error.message.replaceAll(folder, 'the workspace')}\n\n${NOT_COMPARED}`,
        { cause: error },
      );
    }
  });

async function versionIn({ place, surroundings }: Invocation<Options>, folder: string): Promise<Version> {
  const all = await inventoriesOf(await surroundings.loadWorkspace(folder), undefined);
  const inventories = all.filter(
    ({ environment }) => place.stage === undefined || environment === place.stage,
  );
  const bundle: PolicyBundle = await policiesAsOf(folder, all);
  return { bundle, inventories };
}
