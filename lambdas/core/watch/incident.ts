import { sha256Hex } from '../digest.ts';
import type { Page } from '../ports/pager.ts';
import { secondsBetween, type Instant } from '../time.ts';
import type { Finding, RuleName, Severity } from './finding.ts';
import { subjectOfPage, titleOf } from './page-words.ts';

/**
 * The findings of one rule and principal that on-call hears of as one thing (ledger partition: the
 * principal; id: the rule).
 */
export interface Incident {
  /** When on-call was first paged for it, by our clock. */
  readonly openedAt: Instant;
  readonly pageId: string;
  /** The worst so far: only worse is worth another page. */
  readonly severity: Severity;
  readonly findings: number;
  /** How many findings the incident before this one had gathered, so that the next page can tell. */
  readonly before?: number;
}

/** A page to be sent, with an id that repeats with what caused it. */
export interface PageRequest {
  readonly eventId: string;
  readonly page: Page;
}

/** What a new finding makes of an incident. */
export interface Admission {
  readonly incident: Incident;
  readonly request?: PageRequest;
}

const RANK: Readonly<Record<Severity, number>> = { medium: 1, high: 2, critical: 3 };

/** While an incident grows, its page is brought up to date at 5, 25, 125 … findings: a storm costs a handful of messages. */
const GROWTH = 5;

/**
 * Takes a finding that has just been opened into its incident, and decides whether on-call hears of it.
 *
 * One incident pages once, at its first finding; again only when it gets worse (another page id, since a
 * receiver may have silenced the first) or grows by a factor (the same page id: an update of one thing).
 * Incidents are kept by our clock rather than by event time: what counts is how often somebody is woken. A
 * clock that jumps back ends an incident early rather than silence it for ever.
 */
export function admitFinding(
  before: Incident | undefined,
  finding: Finding,
  now: Instant,
  windowSeconds: number,
): Admission {
  const isOpen = before !== undefined && Math.abs(secondsBetween(before.openedAt, now)) < windowSeconds;
  if (!isOpen) {
    const pageId = idOf(['page', finding.rule, finding.principal, finding.id]);
    const incident: Incident = {
      openedAt: now,
      pageId,
      severity: finding.severity,
      findings: 1,
      ...(before ? { before: before.findings } : {}),
    };
    return { incident, request: pageOf(finding, incident, now) };
  }
  const findings = before.findings + 1;
  if (RANK[finding.severity] > RANK[before.severity]) {
    const pageId = idOf([before.pageId, finding.severity]);
    const incident: Incident = { ...before, pageId, severity: finding.severity, findings };
    return { incident, request: pageOf(finding, incident, now) };
  }
  const incident: Incident = { ...before, findings };
  return isPowerOf(GROWTH, findings) ? { incident, request: pageOf(finding, incident, now) } : { incident };
}

function pageOf(finding: Finding, incident: Incident, now: Instant): PageRequest {
  const page: Page = {
    id: incident.pageId,
    severity: incident.severity,
    title: titleOf(finding.rule, incident.findings),
    subject: subjectOfPage(finding),
    reasons: [...finding.reasons, ...countText(incident)],
    firstCommand: 'lockstep history --findings',
    at: now,
  };
  return { eventId: idOf([incident.pageId, String(incident.findings)]), page };
}

function countText({ findings, before, openedAt }: Incident): readonly string[] {
  const many =
    findings === 1
      ? []
      : [`Count: ${findings} findings of this rule and principal since ${openedAt}; this is the latest.`];
  const earlier =
    before === undefined || before === 1
      ? []
      : [`Before: an earlier page of this sort grew to ${before} findings.`];
  return [...many, ...earlier];
}

const idOf = (parts: readonly string[]): string => sha256Hex(parts.join('\n'));

function isPowerOf(base: number, count: number): boolean {
  let power = base;
  while (power < count) power *= base;
  return power === count;
}

/** The id of a rule's incident among its principal's rows. */
export const incidentId = (rule: RuleName): string => `incident#${rule}`;

/** The ledger partition of what is remembered about a principal. Its digest: partitions have a length limit. */
export const principalPartition = (principal: string): string =>
  `_principal-${sha256Hex(principal).slice(0, 32)}`;
