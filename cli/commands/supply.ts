import { worldFolder } from '../../embedded/world/world-folder.ts';
import { accessOf, type LeaseAuthority } from '../../lambdas/core/access/access-inventory.ts';
import type { Inventory } from '../../lambdas/core/credential.ts';
import { LockstepError } from '../../lambdas/core/errors.ts';
import type { AuthoritySupply } from '../../lambdas/core/ports/authority-supply.ts';
import { loadSupply } from '../../lambdas/leasers/load-supply.ts';
import { findAuthority } from '../../lambdas/supply-authority/supply-authority.ts';
import { examples, type DefineCommand, type Work } from '../command-tools.ts';
import type { Invocation } from '../invocation.ts';
import { plainText } from '../output/plain-text.ts';
import { inventoryFor } from '../workspace/inventory-for.ts';

interface SupplyOptions {
  readonly fromStdin?: boolean;
  readonly prepare?: boolean;
  readonly prove?: boolean;
}

/** `lockstep supply`. */
export const defineSupply: DefineCommand = (parent, act) => {
  parent
    .command('supply')
    .summary('a new value for what leases are made by')
    .description(
      'Gives a lease authority a new value, under your own right. For a database it is made here, and an administrator runs a ' +
        'statement that carries its verifier; what a provider makes in its console is asked for, and not shown. The lease ' +
        'function proves it by a login, and only then is it used; until then leases are made by the value before. No function ' +
        'of Lockstep changes it: whoever could change it could use it.',
    )
    .argument('<authority>', 'a name of leaseAuthorities in lockstep.config.ts')
    .option('--from-stdin', 'read what was made at the provider from standard input')
    .option('--prepare', 'only print what an administrator runs once, before the first value')
    .option('--prove', 'only have the value that waits proved, and use it')
    .addHelpText(
      'after',
      examples(
        [
          'lockstep supply rag-db-leases --prepare --stage staging',
          'the role, and the rights that its leases need',
        ],
        ['lockstep supply rag-db-leases --stage staging', 'makes a password, prints its verifier'],
        ['lockstep supply rag-db-leases --prove --stage staging', 'once the statement was run'],
        ['lockstep supply openai-leases --stage staging', 'asks for the key'],
      ),
    )
    .action(act(supply));
};

const supply: Work<SupplyOptions> = async (invocation, name = '') => {
  const { prepare, prove, fromStdin } = invocation.options;
  if ([prepare, prove, fromStdin].filter(Boolean).length > 1)
    throw new LockstepError(
      'COMMAND_INVALID',
      '--prepare, --prove and --from-stdin are three things; one at a time',
    );
  if (prove) return proveIt(invocation, name, []);
  const inventory = await inventoryHere(invocation);
  const authority = findAuthority(inventory, name);
  const how = await loadSupply(authority.kind);
  if (how.how === 'pasted') {
    if (prepare)
      throw new LockstepError(
        'COMMAND_INVALID',
        `${name} is made at its provider: ${how.asksFor}. There is nothing to prepare`,
      );
    return pasteIt(invocation, authority, how);
  }
  if (fromStdin)
    throw new LockstepError('COMMAND_INVALID', `the value of ${name} is made here; leave --from-stdin out`);
  return prepare
    ? showPreparation(invocation, inventory, authority, how)
    : makeIt(invocation, authority, how);
};

type Asked = Invocation<SupplyOptions>;
type Pasted = Extract<AuthoritySupply, { readonly how: 'pasted' }>;
type MadeHere = Extract<AuthoritySupply, { readonly how: 'made-here' }>;

/** With the places that values have to name: those of the embedded world, or of the stage. */
async function inventoryHere({ place, surroundings }: Asked): Promise<Inventory> {
  const workspace = await surroundings.loadWorkspace(place.folder);
  if (place.stage !== undefined) return inventoryFor(workspace, place.stage);
  const { localInventory } = await import('../connection/local-inventory.ts');
  return localInventory(worldFolder(place.folder), workspace);
}

function showPreparation(
  invocation: Asked,
  inventory: Inventory,
  authority: LeaseAuthority,
  how: MadeHere,
): number {
  const leasables = accessOf(inventory).leasables.filter(({ authority: by }) => by === authority.name);
  const statements = how.preparation(authority, leasables);
  return invocation.answer({ authority: authority.name, statements }, () =>
    statements.map(plainText).join('\n'),
  );
}

/** In the vault before anybody sets it at the target: whatever breaks off in between, there is one value, and it is known. */
async function makeIt(invocation: Asked, authority: LeaseAuthority, how: MadeHere): Promise<number> {
  const { terminal, serving, newId } = invocation.surroundings;
  const { value, statements } = await how.make(authority, serving.randomBytes);
  const { is } = await (await invocation.connect()).putSupply(authority.name, newId(), value);
  const next = `lockstep supply ${authority.name} --prove${stageOf(invocation)}`;
  if (!terminal.isInteractive || invocation.options.json)
    return invocation.answer({ authority: authority.name, is, statements, next }, () =>
      [...statements, `-- then: ${next}`].map(plainText).join('\n'),
    );
  invocation.remark(
    `An administrator runs this at the target. It carries a verifier, with which nobody can log in:\n\n${statements.map(plainText).join('\n')}\n`,
  );
  await terminal.ask(`Press Enter when it was run; break off to do it later (then: ${next}) `);
  return proveIt(invocation, authority.name, statements);
}

async function pasteIt(invocation: Asked, authority: LeaseAuthority, how: Pasted): Promise<number> {
  const { terminal, newId } = invocation.surroundings;
  if (!invocation.options.fromStdin && !terminal.isInteractive)
    throw new LockstepError(
      'COMMAND_INVALID',
      `where does ${how.asksFor} come from? Pipe it in with --from-stdin`,
    );
  const given = invocation.options.fromStdin
    ? await terminal.readPiped()
    : await terminal.askHidden(`${how.asksFor} (not shown): `);
  await (await invocation.connect()).putSupply(authority.name, newId(), how.read(authority, given));
  return proveIt(invocation, authority.name, []);
}

async function proveIt(invocation: Asked, authority: string, statements: readonly string[]): Promise<number> {
  const { version } = await (await invocation.connect()).proveSupply(authority);
  return invocation.answer(
    { authority, is: 'current', version, ...(statements.length > 0 ? { statements } : {}) },
    () => plainText(`${authority} was proved by a login, and leases are made by it (version ${version})`),
  );
}

const stageOf = ({ place }: Asked): string => (place.stage === undefined ? '' : ` --stage ${place.stage}`);
