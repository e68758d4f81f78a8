import type { AuditRecord } from '../../lambdas/core/audit/record.ts';
import type { Finding } from '../../lambdas/core/watch/finding.ts';
import type { Refusal } from '../../lambdas/core/ledger-rows.ts';
import type { Instant } from '../../lambdas/core/time.ts';
import { isOfLease, leaseRecordLines } from './lease-record-text.ts';
import type { Paint } from './paint.ts';
import { plainText } from './plain-text.ts';
import { tableText } from './table.ts';
import { clockText, distanceText, momentText } from './time-words.ts';

/** A refusal, and whose it is. */
export type NamedRefusal = Omit<Refusal, 'cause'> & {
  readonly credential: string;
  readonly cause: Refusal['cause'] | 'lease';
};

/** Records of the audit, the oldest first. */
export function recordsText(records: readonly AuditRecord[], paint: Paint): string {
  if (records.length === 0) return 'The audit has no record of it yet.';
  const head = ['WHEN', 'CHAIN', '#', 'WHAT', 'RESULT', 'WHO', 'ABOUT'].map((text) => ({
    text,
    paint: paint.faint,
  }));
  const [first = '', ...lines] = tableText([
    head,
    ...records.map((record) => recordRow(record, paint)),
  ]).split('\n');
  const below = records.map((record) => (isOfLease(record) ? leaseRecordLines(record) : []));
  return [first, ...lines.flatMap((line, at) => [line, ...(below[at] ?? [])])].join('\n');
}

function recordRow(record: AuditRecord, paint: Paint) {
  const { sequence, entry } = record;
  const { chain, type, action, at, who, what, why, result } = entry;
  const outcome = [result?.outcome, result?.code].filter((part) => part !== undefined).join(' ') || type;
  const isBad = result?.outcome === 'failed' || result?.outcome === 'refused' || type === 'finding';
  const about = [
    why.cause,
    ...(what.rotation === undefined ? [] : [`rotation ${what.rotation.slice(0, 8)}`]),
    ...(what.dependent === undefined ? [] : [what.dependent]),
    ...(what.key === undefined ? [] : [what.key]),
    ...(why.reason === undefined ? [] : [`“${why.reason}”`]),
    ...(result?.note === undefined ? [] : [result.note]),
  ].join(', ');
  const row = [
    clockText(at),
    { text: chain, paint: paint.strong },
    String(sequence),
    action,
    { text: outcome, paint: isBad ? paint.bad : paint.good },
  ];
  if (isOfLease(record)) return row;
  return [...row, who.via === undefined ? who.name : `${who.name} via ${who.via}`, about];
}

/** Requests that were refused, the oldest first. */
export function refusalsText(refusals: readonly NamedRefusal[], now: Instant, paint: Paint): string {
  if (refusals.length === 0) return 'Nothing was refused in the last thirty days.';
  const head = ['WHEN', 'CREDENTIAL', 'ASKED BY', 'REFUSED WITH', 'BECAUSE'].map((text) => ({
    text,
    paint: paint.faint,
  }));
  const rows = refusals.map(({ at, credential, cause, by, code, message }) => [
    `${clockText(at)} (${distanceText(at, now)})`,
    { text: credential, paint: paint.strong },
    by === cause ? cause : `${by} (${cause})`,
    { text: code, paint: paint.odd },
    message,
  ]);
  return tableText([head, ...rows]);
}

/** What the watch found, the oldest first, each with its reasons. */
export function findingsText(findings: readonly Finding[], now: Instant, paint: Paint): string {
  if (findings.length === 0) return 'The watch has found nothing out of character.';
  return findings.map((finding) => findingText(finding, now, paint)).join('\n\n');
}

function findingText(
  { id, rule, severity, credential, reasons, at, auditedAt }: Finding,
  now: Instant,
  paint: Paint,
): string {
  const about = credential ?? 'no one credential';
  return [
    `${paint[severity === 'medium' ? 'odd' : 'bad'](`${severity}: ${rule}`)}  ${plainText(about)}  ${momentText(at, now)}`,
    ...reasons.map((reason) => `  ${plainText(reason)}`),
    `  Finding ${id}${auditedAt === undefined ? ', not in the audit yet' : ''}.`,
  ].join('\n');
}
