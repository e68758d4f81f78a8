import { secondsBetween, instant } from '../core/time.ts';
import type { Access, AccessOutcome, Passed } from '../core/watch/access.ts';
import type { Finding } from '../core/watch/finding.ts';
import { parseRecord } from '../core/watch/parse-record.ts';
import { judge } from '../core/watch/rules/rules.ts';
import type { DeniedStretch, Sight } from '../core/watch/sight.ts';
import { readerOf, subjectsOf, type Subject, type WatchList } from '../core/watch/watch-list.ts';
import { WINDOW_SECONDS, type DetectPorts } from './detect-ports.ts';
import { lookBack } from './look-back.ts';
import { makeWatchList } from './make-watch-list.ts';
import { rememberAttempt, rememberDenials } from './remember-access.ts';
import { auditFinding, keepFinding } from './report-suspicion.ts';

/** What one record came to. */
interface Detection {
  readonly outcome: AccessOutcome | Passed;
  /** New ones and those that this record is evidence for. */
  readonly findings: readonly Finding[];
}

/** Turns one record into what it gives rise to. */
export type DetectAccess = (payload: unknown) => Promise<Detection>;

/**
 * The watch: takes CloudTrail records of Secrets Manager, one at a time, in an EventBridge envelope or bare.
 *
 * Records may come twice, late and in any order, and end in the same findings; what cannot be read is
 * counted. First the ledger remembers the access, then the rules judge by what it remembers, then findings
 * and their pages are committed, and the audit comes last: a crash anywhere is mended by the next delivery,
 * and nothing that can fail stands before a page that need not.
 *
 * Errors: `LEDGER_UNAVAILABLE`, `LEDGER_CONFLICT` and `AUDIT_UNAVAILABLE`, all for the queue to try again.
 */
export function detectAccess(ports: DetectPorts): DetectAccess {
  const list = makeWatchList(ports.inventory, ports.account);
  return async (payload) => {
    const parsed = parseRecord(payload);
    if (parsed.kind === 'passed') {
      ports.metrics.count('lockstep_access_records', { outcome: parsed.why });
      return { outcome: parsed.why, findings: [] };
    }
    const { access } = parsed;
    countAccess(ports, access);
    const findings: Finding[] = [];
    for (const suspicion of judge(await sightsOf(ports, list, access)))
      findings.push(await keepFinding(ports, suspicion));
    for (const finding of findings) await auditFinding(ports, finding);
    return { outcome: access.outcome, findings };
  };
}

async function sightsOf(ports: DetectPorts, list: WatchList, access: Access): Promise<readonly Sight[]> {
  const subjects = subjectsOf(access, list);
  for (const subject of subjects) countHeartbeat(ports, access, subject);
  const denied = await rememberDenials(ports.ledger, access, subjects);
  const sights: Sight[] = [];
  for (const subject of subjects) sights.push(await sightOf(ports, { access, list, subject, denied }));
  return sights;
}

async function sightOf(
  { ledger, windowSeconds }: DetectPorts,
  seen: {
    readonly access: Access;
    readonly list: WatchList;
    readonly subject: Subject;
    readonly denied: readonly DeniedStretch[];
  },
): Promise<Sight> {
  return {
    ...seen,
    ...(await lookBack(ledger, seen.access, seen.subject)),
    attempts: await rememberAttempt(ledger, seen.access, seen.subject),
    stretchSeconds: windowSeconds ?? WINDOW_SECONDS,
  };
}

function countAccess({ metrics, clock }: DetectPorts, { outcome, at }: Access): void {
  metrics.count('lockstep_access_records', { outcome });
  const lag = secondsBetween(at, instant(clock()));
  metrics.observe('lockstep_access_record_lag_seconds', {}, Math.max(0, lag));
}

/** Our own heartbeat came through trail, rule and queue. Its secret has no value, so the read never succeeds. */
function countHeartbeat({ metrics }: DetectPorts, { principal, isRead }: Access, subject: Subject): void {
  if (isRead && subject.kind === 'watched' && readerOf(principal, subject.watched)?.as === 'pulse')
    metrics.count('lockstep_heartbeat_reads', {});
}
