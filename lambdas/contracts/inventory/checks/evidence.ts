import { titleOf, type Check, type DraftCredential, type DraftDependent } from '../draft.ts';
import { problemAt, type Problem } from '../problem.ts';

/** Evidence is declared where the target can show it, and tells a dependent's sessions from all others. */
export const checkEvidence: Check = ({ credentials }) =>
  credentials.flatMap((credential) =>
    credential.dependents.flatMap((dependent, position) => [
      ...neverSeen(credential, dependent),
      ...indistinct(credential, dependent, position),
    ]),
  );

function neverSeen({ kind }: DraftCredential, { evidence }: DraftDependent): readonly Problem[] {
  if (!evidence || !kind || kind.capabilities.evidence === 'sessions') return [];
  return [
    problemAt(evidence.at, {
      found: `evidence by sessions, which targets of the kind ${kind.name} do not show`,
      allowed: 'no evidence: this kind needs acknowledgements',
      mend: 'remove evidence',
    }),
  ];
}

function indistinct(
  { dependents }: DraftCredential,
  { evidence }: DraftDependent,
  position: number,
): readonly Problem[] {
  if (evidence?.applicationName === undefined) return [];
  const first = dependents.findIndex(
    (other) =>
      other.evidence?.applicationName === evidence.applicationName &&
      other.evidence?.clientAddress === evidence.clientAddress,
  );
  const twin = dependents[first];
  if (first === position || !twin) return [];
  return [
    problemAt([...evidence.at, 'applicationName'], {
      found: `the application name and client address of ${titleOf(twin, first)}`,
      allowed: 'an application name or a client address that no other dependent of this credential has',
      mend: 'give each its own application name: sessions of one would count for the other',
    }),
  ];
}
