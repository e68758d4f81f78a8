import { examples, giveOrder, type DefineCommand } from '../command-tools.ts';
import { reasonOf } from '../invocation.ts';

/** `lockstep hold`. */
export const defineHold: DefineCommand = (parent, act) => {
  parent
    .command('hold')
    .summary('no new rotation, no disable, no revoke, until release')
    .description(
      'From now on nothing of the credential starts, is disabled or is revoked, until somebody releases it. Adoption goes on. ' +
        'Breach mode passes a hold.',
    )
    .argument('<credential>')
    .option('--reason <text>', 'why; the audit keeps it')
    .addHelpText(
      'after',
      examples(["lockstep hold vector-store --reason 'INC-123: database is moving'", 'until released']),
    )
    .action(
      act<{ readonly reason?: string }>(async (invocation, credential = '') => {
        const reason = await reasonOf(invocation, 'hold');
        return giveOrder(invocation, { order: 'hold', credential, reason }, [
          `lockstep release ${credential} --reason '…'`,
        ]);
      }),
    );
};
