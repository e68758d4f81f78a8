import type { Check, Draft, DraftCredential } from '../draft.ts';
import { inWords } from '../duration.ts';
import { problemAt } from '../problem.ts';

/**
 * Secrets Manager keeps every version for 24 hours and at most 100 of them, and asks for no more than one
 * write in ten minutes (API reference, PutSecretValue). A rotation writes one version.
 */
const SHORTEST_ON_AWS_SECONDS = 600;

/** Secrets Manager's longest `AutomaticallyAfterDays`: its own schedule stands behind ours. */
const LONGEST_SECONDS = 1000 * 86_400;

/** A cadence that the kind, and on AWS the vault, can hold. */
export const checkCadenceLimits: Check = (draft) =>
  draft.credentials.flatMap((credential) => {
    const cadence = credential.rotateEverySeconds;
    if (cadence === undefined) return [];
    const { shortest, reason } = shortestFor(draft, credential);
    if (cadence >= shortest && cadence <= LONGEST_SECONDS) return [];
    const isShort = cadence < shortest;
    return [
      problemAt([...credential.at, 'rotateEvery'], {
        found: `a rotation every ${inWords(cadence)}`,
        allowed: isShort
          ? `at least ${inWords(shortest)}: ${reason}`
          : `at most ${inWords(LONGEST_SECONDS)}, the longest schedule of Secrets Manager`,
        mend: isShort ? 'rotate less often' : 'rotate more often',
      }),
    ];
  });

function shortestFor({ isLocal }: Draft, { kind }: DraftCredential) {
  const ofKind = kind?.minimumCadenceSeconds ?? 1;
  if (isLocal || ofKind >= SHORTEST_ON_AWS_SECONDS)
    return { shortest: ofKind, reason: `what the kind ${kind?.name ?? ''} can hold` };
  return { shortest: SHORTEST_ON_AWS_SECONDS, reason: 'Secrets Manager keeps every version for a day' };
}
