import type { LeftOut, Problem } from '../../lambdas/contracts/inventory/index.ts';
import { LOCAL } from '../../lambdas/contracts/inventory/local-world.ts';
import { describeError } from '../../lambdas/core/errors.ts';
import { examples, type DefineCommand, type Work } from '../command-tools.ts';
import { EXIT } from '../exit-codes.ts';
import type { Invocation } from '../invocation.ts';
import { plainText } from '../output/plain-text.ts';
import { inventoriesOf, policyProblems } from '../workspace/policies-here.ts';
import type { TargetSql } from '../workspace/target-sql.ts';

/** What a check found. */
interface Checked {
  readonly ok: boolean;
  readonly environments: readonly string[];
  readonly problems: readonly Problem[];
  /** What can be leased elsewhere and is left out of `local`, whose world does not serve its kind; absent where nothing is. */
  readonly leftOut?: readonly LeftOut[];
  /** What PostgreSQL targets need, run once by an administrator. */
  readonly sql: readonly TargetSql[];
  /** What a target has said its authority lacks, with the SQL that grants it; absent where nobody could be asked. */
  readonly missingRights?: readonly MissingRight[];
}

interface MissingRight {
  readonly credential: string;
  readonly message: string;
}

/** `lockstep inventory check`. */
export const defineInventoryCheck: DefineCommand = (parent, act) => {
  parent
    .command('check')
    .summary('check lockstep.config.ts for every environment; offline')
    .description(
      'Checks lockstep.config.ts for every environment, and whether the policies are valid where something can be leased, and names all ' +
        'problems at once; touches nothing. Prints the SQL that ' +
        'PostgreSQL targets need, and, where a runtime works here or a stage is named, which right a target has missed. Exits 2 ' +
        'where the file has problems.',
    )
    .addHelpText(
      'after',
      examples(
        ['lockstep inventory check', 'the file, and the world that works here'],
        ['lockstep inventory check --stage production', 'and what targets of production lack'],
      ),
    )
    .action(act(check));
};

const check: Work<object> = async (invocation) => {
  const { place, surroundings, options } = invocation;
  const workspace = await surroundings.loadWorkspace(place.folder);
  // The schemas of every kind take a while to load, and no other command needs them.
  const [
    { checkWorkspace, formatProblems, resolveInventory },
    { distinctProblems },
    { environmentNames },
    { examineLocal, leftOutOfLocal, leftOutText },
    { targetSql },
  ] = await Promise.all([
    import('../../lambdas/contracts/inventory/index.ts'),
    import('../../lambdas/contracts/inventory/problem.ts'),
    import('../../lambdas/contracts/inventory/read-workspace.ts'),
    import('../../embedded/world/examine-local.ts'),
    import('../workspace/target-sql.ts'),
  ]);
  const environments = environmentNames(workspace);
  // As `npm start` will: with the addresses that the embedded world gives, and the programs that it has.
  const local = environments.includes(LOCAL) ? examineLocal(workspace) : [];
  const unsound = distinctProblems([...checkWorkspace(workspace), ...local]);
  // What policies say of an inventory is worth knowing once that is sound.
  const problems =
    unsound.length > 0
      ? unsound
      : await policyProblems(place.folder, await inventoriesOf(workspace, undefined));
  if (problems.length > 0) {
    const found: Checked = { ok: false, environments, problems, sql: [] };
    return invocation.answer(found, () => plainTextLines(formatProblems(problems)), EXIT.wrong);
  }
  const wanted = environments.filter(
    (name) => name !== LOCAL && (options.stage === undefined || name === options.stage),
  );
  const sql = wanted.flatMap((name) => {
    const { inventory } = resolveInventory(workspace, name);
    return inventory ? targetSql(inventory) : [];
  });
  const missingRights = await askForMissingRights(invocation);
  const leftOut = environments.includes(LOCAL) ? leftOutOfLocal(workspace) : [];
  const found: Checked = {
    ok: true,
    environments,
    problems,
    ...(leftOut.length > 0 ? { leftOut } : {}),
    sql,
    ...(missingRights ? { missingRights } : {}),
  };
  return invocation.answer(found, () => checkedText(found, leftOutText(leftOut)));
};

/** What targets have refused lately. Only asked where it costs nothing: files are not opened for it. */
async function askForMissingRights(invocation: Invocation): Promise<readonly MissingRight[] | undefined> {
  const { place, surroundings } = invocation;
  try {
    const connection = await surroundings.connect({ ...place, onlyRunning: true });
    const { credentials } = await connection.query('status', {});
    return credentials.flatMap(({ name, rotation }) =>
      rotation?.failure?.includes('TARGET_LACKS_GRANT')
        ? [{ credential: name, message: rotation.failure }]
        : [],
    );
  } catch (error) {
    invocation.remark(
      `Whether targets lack rights was not asked: ${plainText(describeError(error).message)}\n` +
        'It is told where a runtime works in this folder, or with --stage.',
    );
    return undefined;
  }
}

function checkedText({ environments, sql, missingRights = [] }: Checked, remarks: readonly string[]): string {
  return [
    `The inventory is sound: ${environments.join(', ')}.`,
    ...remarks.map((each) => `Remark: ${plainText(each)}.`),
    ...(missingRights.length > 0
      ? [
          '',
          'Targets have refused for want of a right:',
          ...missingRights.map(({ credential, message }) => plainText(`  ${credential}: ${message}`)),
        ]
      : []),
    ...sql.flatMap(({ environment, credential, server, statements }) => [
      '',
      `-- ${credential} in ${environment}: to run once, as an administrator of ${server}`,
      ...statements,
    ]),
  ].join('\n');
}

const plainTextLines = (text: string): string => text.split('\n').map(plainText).join('\n');
