import { LockstepError } from '../../lambdas/core/errors.ts';
import { Secret } from '../../lambdas/core/secret.ts';
import { examples, giveOrder, type DefineCommand, type Work } from '../command-tools.ts';
import type { Invocation } from '../invocation.ts';
import { withSuggestion } from '../suggest-credential.ts';

interface AdoptOptions {
  readonly fromStdin?: boolean;
  readonly issue?: boolean;
}

const FORMS = `
The value is the whole text that the vault will hold:
  postgres, postgres-authority   {"engine":"postgres","host":"…","port":5432,"dbname":"…","username":"…","password":"…"}
  openai-authority               {"adminKey":"…","keyId":"…"}
  openai                         {"apiKey":"…","keyId":"…","serviceAccountId":"…","project":"…","mintedAt":"…"}
  random                         {"keyId":"…","secret":"whsec_…"}`;

/** `lockstep adopt`. */
export const defineAdopt: DefineCommand = (parent, act) => {
  parent
    .command('adopt')
    .summary('take a credential into care: its first value, proved by a login')
    .description(
      'Takes a credential into care. Its first value is put by you, under your own right, or made at the target; the target ' +
        'function proves it by a login; only then may it be rotated. Nothing rotates by this. With neither option you are asked ' +
        'for the value, which is not shown. A value is never taken from the command line or the environment.',
    )
    .argument('<credential>')
    .option('--from-stdin', 'read the value from standard input')
    .option('--issue', 'have the value made at the target, under its authority')
    .addHelpText('after', FORMS)
    .addHelpText(
      'after',
      examples(
        ['lockstep adopt openai-admin', 'asks for the value'],
        ['lockstep adopt rag-db-admin --from-stdin < value.json', 'takes it from a file'],
        ['lockstep adopt vector-store --issue', 'no person ever sees it'],
      ),
    )
    .action(act(adopt));
};

const adopt: Work<AdoptOptions> = async (invocation, credential = '') => {
  const { fromStdin, issue } = invocation.options;
  if (fromStdin && issue)
    throw new LockstepError(
      'COMMAND_INVALID',
      'a value is given with --from-stdin or made with --issue, not both',
    );
  if (issue) return giveOrder(invocation, { order: 'adopt', credential, value: 'issue' });
  const hasAPerson = invocation.surroundings.terminal.isInteractive;
  if (!fromStdin && !hasAPerson)
    throw new LockstepError(
      'COMMAND_INVALID',
      'where does the value come from? Pipe it in with --from-stdin, or have it made at the target with --issue',
    );
  await demandUnadopted(invocation, credential);
  const value = fromStdin
    ? await invocation.surroundings.terminal.readPiped()
    : await invocation.surroundings.terminal.askHidden(`Value of ${credential} (not shown): `);
  demandSomething(value);
  await (await invocation.connect()).putFirst(credential, value);
  return giveOrder(invocation, { order: 'adopt', credential, value: 'stored' });
};

/**
 * A first value becomes current the moment it is put, before anybody has proved it. Put over a credential that is in
 * use, it would take the working version from every dependent: so nothing is put unless the ledger says "not adopted".
 */
async function demandUnadopted(invocation: Invocation, credential: string): Promise<void> {
  const connection = await invocation.connect();
  const { credentials } = await withSuggestion(connection, credential, () =>
    connection.query('status', { credential }),
  );
  if (!credentials.some(({ adopted }) => adopted)) return;
  throw new LockstepError(
    'ALREADY_ADOPTED',
    `${credential} is adopted, and dependents may use its value; nothing was put. To change it run: lockstep rotate ${credential} --reason '…'`,
  );
}

function demandSomething(value: Secret): void {
  if (value.equals(new Secret('')))
    throw new LockstepError('VALUE_MALFORMED', 'the value is empty; nothing was put');
}
