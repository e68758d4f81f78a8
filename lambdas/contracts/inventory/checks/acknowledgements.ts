import { titleOf, type Check, type DraftCredential, type DraftDependent } from '../draft.ts';
import { problemAt } from '../problem.ts';

/** Every dependent has a way to prove adoption: its own acknowledgement, or evidence that the target can show. */
export const checkAcknowledgements: Check = ({ credentials }) =>
  credentials.flatMap((credential) =>
    credential.dependents.flatMap((dependent, position) => {
      if (dependent.settings['acknowledges'] !== false || credential.kind === undefined) return [];
      const wanting = whatIsWanting(credential, dependent);
      if (wanting === undefined) return [];
      return [
        problemAt(dependent.at, {
          found: `${titleOf(dependent, position)} does not acknowledge, and ${wanting}`,
          allowed:
            'a dependent that acknowledges, or evidence with suffices: true at a target that shows sessions',
          mend: 'let it acknowledge, or declare evidence that suffices: without either, nothing would ever retire',
        }),
      ];
    }),
  );

function whatIsWanting({ kind }: DraftCredential, { evidence }: DraftDependent): string | undefined {
  if (kind?.capabilities.evidence !== 'sessions')
    return `targets of the kind ${kind?.name ?? ''} show no sessions`;
  if (evidence === undefined) return 'it declares no evidence';
  return evidence.suffices === false ? 'its evidence does not suffice' : undefined;
}
