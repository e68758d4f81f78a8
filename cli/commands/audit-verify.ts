import { examples, type DefineCommand, type Work } from '../command-tools.ts';
import { EXIT } from '../exit-codes.ts';
import { auditText } from '../output/audit-text.ts';
import { credentialNames, unknownCredential } from '../suggest-credential.ts';

/** `lockstep audit verify`. */
export const defineAudit: DefineCommand = (parent, act) => {
  parent
    .command('audit')
    .helpCommand(false)
    .summary('prove that the audit is what was written')
    .description('What the audit is good for is that nobody can rewrite it unseen.')
    .command('verify')
    .summary('recompute every chain and check every signed head')
    .description(
      'Recomputes every chain of the audit and compares it with every signed head: names an edited, dropped, swapped or ' +
        're-chained record and a cut tail. Exits 4 where it does not verify.',
    )
    .argument('[credential]', 'only this chain; the heads are checked all the same')
    .addHelpText(
      'after',
      examples(['lockstep audit verify', 'everything'], ['lockstep audit verify --json', 'for a program']),
    )
    .action(act(verify));
};

const verify: Work<object> = async (invocation, credential) => {
  const connection = await invocation.connect();
  const report = await connection.query('audit-verify', credential === undefined ? {} : { credential });
  if (credential !== undefined && report.chains === 0) {
    // No chain of that name verifies trivially: say so only of a name that exists.
    const names = await credentialNames(connection);
    if (!names.includes(credential)) throw unknownCredential(credential, names);
  }
  const now = invocation.surroundings.clock().toISOString();
  const code = report.ok ? EXIT.done : EXIT.auditFaults;
  return invocation.answer(report, () => auditText(report, now, invocation.paint), code);
};
