import type { Dependent } from '../credential.ts';
import type { Observation } from '../ports/rotator.ts';
import type { Adoption, EvidenceTrail, NegativeEvidence } from '../rotation/rotation.ts';
import { secondsBetween, type Instant } from '../time.ts';

/** The version that a dependent is expected to use; rolling back it is the predecessor. */
export type Expected = 'successor' | 'predecessor';

/** What one more sample makes of a dependent's trail. */
export interface EvidenceVerdict {
  readonly trail: EvidenceTrail;
  /** Set when the sessions prove adoption. Still spoofable, so it counts only where the inventory says that it suffices. */
  readonly adoption?: Adoption;
}

/**
 * Adoption by sessions: at least one on the expected version *and* none on the other, in every sample over
 * the declared pool lifetime. No session at all means unknown and starts the clock again.
 */
export function judgeSessions(
  dependent: Dependent,
  before: EvidenceTrail | undefined,
  observation: Observation,
  expected: Expected,
): EvidenceVerdict {
  const seen = observation.byDependent[dependent.name];
  const lifetime = dependent.evidence?.poolLifetimeSeconds;
  if (!seen || lifetime === undefined) return { trail: { lastSampleAt: observation.at } };

  const [right, wrong] =
    expected === 'successor'
      ? [seen.onSuccessor, seen.onPredecessor]
      : [seen.onPredecessor, seen.onSuccessor];
  if (right === 0 || wrong > 0) return { trail: { lastSampleAt: observation.at } };

  const cleanSince = stillClean(before, observation.at, lifetime) ?? observation.at;
  const trail = { cleanSince, lastSampleAt: observation.at };
  if (secondsBetween(cleanSince, observation.at) < lifetime) return { trail };
  return { trail, adoption: { by: 'evidence', at: observation.at } };
}

/** The start of the clean stretch, unless so long passed between two samples that a session may have come and gone unseen. */
function stillClean(before: EvidenceTrail | undefined, at: Instant, lifetime: number): Instant | undefined {
  if (!before?.cleanSince) return undefined;
  return secondsBetween(before.lastSampleAt, at) <= lifetime ? before.cleanSince : undefined;
}

/**
 * Use of the version that is to go, after everybody has moved: the reason to stop nothing.
 *
 * `unknown` is not evidence of use; whether it may count as none is for the caller, who has asked the
 * target to refuse the stop while a session lives.
 */
export function negativeEvidence(
  dependents: readonly Dependent[],
  observation: Observation,
  going: 'predecessor' | 'successor',
  quietFrom: Instant,
): NegativeEvidence | undefined {
  const usage = observation[going];
  if (usage.sessions !== 'unknown' && usage.sessions > 0) {
    const own = going === 'predecessor' ? 'onPredecessor' : 'onSuccessor';
    const named = dependents.filter(({ name }) => (observation.byDependent[name]?.[own] ?? 0) > 0);
    const names = named.map(({ name }) => name);
    const who = names.length > 0 ? ` of ${names.join(', ')}` : '';
    return {
      at: observation.at,
      dependents: names,
      seen: `${usage.sessions} session(s)${who} on the version that is to go`,
    };
  }
  if (usage.lastUsedAt !== undefined && Date.parse(usage.lastUsedAt) > Date.parse(quietFrom)) {
    return {
      at: observation.at,
      dependents: [],
      seen: `the version that is to go was used at ${usage.lastUsedAt}`,
    };
  }
  return undefined;
}
