import { REVOKE_BY, type RevokeBy } from '../../lambdas/contracts/access-requests.ts';
import { LockstepError } from '../../lambdas/core/errors.ts';
import { withAccessOptions, type AccessOptions } from '../access-options.ts';
import { askBroker } from '../ask-broker.ts';
import { examples, type DefineCommand, type Work } from '../command-tools.ts';
import { reasonOf } from '../invocation.ts';

/** `lockstep revoke-leases`. */
export const defineRevokeLeases: DefineCommand = (parent, act) => {
  withAccessOptions(parent.command('revoke-leases'))
    .summary('end leases of others, or all of them')
    .description(
      'Ends leases before their time: one, all of something that is leased, of what stands for a credential, all that a lease ' +
        'authority has made, those of a principal or an agent, or all there are. It is written down at once and carried out in the background, the most dangerous first; ' +
        'a target that is down is asked again without end. What may be revoked says policy.',
    )
    .argument('<by>', `whose: ${REVOKE_BY.join(', ')}`)
    .argument('[name]', 'which one; none for all')
    .option('--reason <text>', 'why; the audit keeps it')
    .addHelpText(
      'after',
      examples(
        [
          "lockstep revoke-leases agent research-agent --as role:on-call --reason 'it misbehaves'",
          'all of one agent',
        ],
        [
          "lockstep revoke-leases credential vector-store --as role:on-call --reason 'INC-123'",
          'what stands for it',
        ],
        [
          "lockstep revoke-leases authority rag-db-leases --as role:on-call --reason 'INC-123'",
          'all that were made by it',
        ],
        ["lockstep revoke-leases all --as role:on-call --reason 'INC-123'", 'everything'],
      ),
    )
    .action(act(revokeLeases));
};

const revokeLeases: Work<AccessOptions & { readonly reason?: string }> = async (invocation, given, name) => {
  const by = REVOKE_BY.find((each) => each === given);
  if (!by)
    throw new LockstepError(
      'COMMAND_INVALID',
      `leases are revoked by ${REVOKE_BY.join(', ')}; none was named`,
    );
  demandName(by, name);
  const reason = await reasonOf(invocation, 'revoke-leases');
  const told = await askBroker(invocation, 'revoke', { by, reason, ...(name === undefined ? {} : { name }) });
  const follow = told.more ? '; more follow in the background' : '';
  return invocation.answer(told, () =>
    told.ending === 0 && !told.more
      ? 'No lease is open that this means; what is ending already goes on. See: lockstep leases'
      : `${told.ending} leases were told to end${follow}. See: lockstep leases`,
  );
};

function demandName(by: RevokeBy, name: string | undefined): void {
  if ((by === 'all') === (name === undefined)) return;
  throw new LockstepError(
    'COMMAND_INVALID',
    by === 'all' ? 'all are all: leave the name out' : `which ${by}? Its name is missing`,
  );
}
