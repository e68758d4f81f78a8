import { create, replace, type LedgerRow, type LedgerWrite } from '../core/ports/ledger.ts';
import type { EventOf } from '../core/events.ts';
import type { AuditEntry } from '../core/audit/record.ts';
import { instant, secondsAfter, type Instant } from '../core/time.ts';
import { partitionOf, type Finding } from '../core/watch/finding.ts';
import { admitFinding, incidentId, principalPartition, type PageRequest } from '../core/watch/incident.ts';
import type { Principal } from '../core/watch/principal.ts';
import { MEMORY_SECONDS } from '../core/watch/stretch.ts';
import { addToFinding, findingId, openFinding, type Suspicion } from '../core/watch/suspicion.ts';
import { againOnConflict, amendRow } from './amend-row.ts';
import { WINDOW_SECONDS, type FindingPorts } from './detect-ports.ts';

/**
 * Makes a suspicion a finding, with its page, in one commit; or adds its evidence to the finding that there
 * is, which pages nobody.
 *
 * A process that dies before the commit has done nothing, one that dies after it has done everything: the
 * outbox takes the page on. An answer that is lost makes the record come again, and then it finds its row.
 */
export async function keepFinding(ports: FindingPorts, suspicion: Suspicion): Promise<Finding> {
  const kept = await againOnConflict(async () => {
    const partition = partitionOf(suspicion);
    const row = await ports.ledger.read('finding', partition, findingId(suspicion));
    return row ? addEvidence(ports, row, suspicion) : open(ports, suspicion);
  });
  if (kept.isNew) {
    const { rule, severity } = kept.finding;
    ports.metrics.count('lockstep_findings', { rule, severity });
  }
  return kept.finding;
}

interface Kept {
  readonly finding: Finding;
  readonly isNew: boolean;
}

async function addEvidence(
  { ledger }: FindingPorts,
  row: LedgerRow<'finding'>,
  suspicion: Suspicion,
): Promise<Kept> {
  const finding = addToFinding(row.body, suspicion);
  if (finding !== row.body) await ledger.commit([replace(row, finding)]);
  return { finding, isNew: false };
}

async function open(
  { ledger, clock, inventory, windowSeconds }: FindingPorts,
  suspicion: Suspicion,
): Promise<Kept> {
  const finding = openFinding(suspicion);
  const now = instant(clock());
  const partition = principalPartition(wakesFor(suspicion.principal));
  const id = incidentId(finding.rule);
  const row = await ledger.read('incident', partition, id);
  const window = windowSeconds ?? WINDOW_SECONDS;
  const { incident, request } = admitFinding(row?.body, finding, now, window);

  const expiresAt = secondsAfter(now, MEMORY_SECONDS + window);
  const writes: readonly LedgerWrite[] = [
    create('finding', partitionOf(finding), finding.id, finding),
    row ? replace(row, incident, expiresAt) : create('incident', partition, id, incident, expiresAt),
  ];
  await ledger.commit(writes, request ? [pageEvent(request, inventory.environment, now)] : []);
  return { finding, isNew: true };
}

/** A fleet that shares one role is one thing to be woken for; people who share one are not. */
const wakesFor = ({ type, key, identity }: Principal): string => (type === 'person' ? key : identity);

function pageEvent(
  { eventId, page }: PageRequest,
  environment: string,
  at: Instant,
): EventOf<'page.requested'> {
  return { id: eventId, type: 'page.requested', at, environment, detail: { page } };
}

/**
 * Writes a finding to the audit log, once.
 *
 * After the commit, not before it: whoever breaks in may have broken the audit first, and a page that waits
 * for it never comes. Nothing is lost by the order: while it cannot be written this throws
 * `AUDIT_UNAVAILABLE`, the record is delivered again, and the finding's row tells that the entry is owed.
 * The entry's id is the finding's, so a lost answer makes no second entry.
 */
export async function auditFinding(
  { ledger, audit, metrics, clock, functionName = 'detect-access' }: FindingPorts,
  finding: Finding,
): Promise<void> {
  if (finding.auditedAt !== undefined) return;
  const at = instant(clock());
  try {
    await audit.append(findingEntry(finding, at, functionName));
  } catch (error) {
    metrics.count('lockstep_audit_failures', { kind: 'append' });
    throw error;
  }
  const place = { family: 'finding', partition: partitionOf(finding), id: finding.id } as const;
  await amendRow(ledger, place, (before = finding) =>
    before.auditedAt === undefined ? { ...before, auditedAt: at } : before,
  );
}

function findingEntry(finding: Finding, at: Instant, functionName: string): AuditEntry {
  const { id, rule, severity, principal, reasons } = finding;
  const partition = partitionOf(finding);
  return {
    id: `finding-${id}`,
    chain: partition,
    type: 'finding',
    action: 'finding',
    at,
    who: { kind: 'function', name: functionName },
    what: { credential: partition },
    why: { cause: 'watch', reason: `${rule} (${severity}) by ${principal}` },
    result: { outcome: 'done', note: reasons.join(' ') },
  };
}
