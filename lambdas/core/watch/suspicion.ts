import { sha256Hex } from '../digest.ts';
import type { Instant } from '../time.ts';
import { MAX_EVENT_IDS, type Finding, type RuleName, type Severity } from './finding.ts';
import type { Principal } from './principal.ts';
import { byTime, type Sighting } from './sighting.ts';

/** What a rule makes of an access: a finding to be, or more evidence for one that there is. */
export interface Suspicion {
  readonly rule: RuleName;
  readonly severity: Severity;
  readonly principal: Principal;
  readonly credential?: string;
  /** What it is about: a subject's key, and how it went where that makes a difference. */
  readonly subject: string;
  /** The start of the stretch of time that one finding speaks for. */
  readonly stretch: Instant;
  /** The earliest record, and others. */
  readonly first: Sighting;
  readonly others: readonly Sighting[];
  /** `all`: these sightings are the evidence, whatever was known before; `more`: they are added to it. */
  readonly evidence: 'all' | 'more';
  /** Of the earliest record; nothing in them may depend on what else has been seen. */
  readonly reasons: readonly string[];
}

/** Repeats with rule, principal, subject and stretch, and so with every replay of a record. */
export const findingId = ({ rule, severity, principal, subject, stretch }: Suspicion): string =>
  sha256Hex([rule, severity, principal.key, subject, stretch].join('\n'));

/** The finding that a suspicion opens. */
export function openFinding(suspicion: Suspicion): Finding {
  const { rule, severity, principal, credential, first, others, reasons } = suspicion;
  const rest = others.filter(({ eventId }) => eventId !== first.eventId).sort(byTime);
  return {
    id: findingId(suspicion),
    rule,
    severity,
    ...(credential === undefined ? {} : { credential }),
    principal: principal.key,
    reasons,
    eventIds: named(
      first.eventId,
      rest.map(({ eventId }) => eventId),
    ),
    at: first.at,
  };
}

/**
 * The finding with a suspicion's evidence; the very same finding where that adds nothing.
 *
 * Of more records than it can name, it names the earliest and those with the smallest ids, so that any
 * order of arrival ends in the same finding.
 */
export function addToFinding(finding: Finding, suspicion: Suspicion): Finding {
  const opened = openFinding(suspicion);
  const after = suspicion.evidence === 'all' ? { ...finding, ...opened } : merged(finding, opened);
  return sameEvidence(finding, after) ? finding : after;
}

function merged(finding: Finding, opened: Finding): Finding {
  const [mine, ...myOthers] = sightings(finding);
  const [theirs, ...theirOthers] = sightings(opened);
  if (!mine || !theirs) return finding;
  const isEarlier = byTime(theirs, mine) < 0;
  const [first, second] = isEarlier ? [theirs, mine] : [mine, theirs];
  const others = [second, ...myOthers, ...theirOthers].map(({ eventId }) => eventId);
  return {
    ...finding,
    reasons: isEarlier ? opened.reasons : finding.reasons,
    at: first.at,
    eventIds: named(first.eventId, [...new Set(others)].filter((id) => id !== first.eventId).sort()),
  };
}

const sightings = ({ at, eventIds }: Finding): readonly Sighting[] =>
  eventIds.map((eventId) => ({ at, eventId }));

const named = (first: string, others: readonly string[]): readonly string[] => [
  first,
  ...others.slice(0, MAX_EVENT_IDS - 1),
];

const sameEvidence = (one: Finding, other: Finding): boolean =>
  one.at === other.at && one.eventIds.join() === other.eventIds.join();
