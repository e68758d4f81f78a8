import type { AuditReport } from '../../lambdas/report/verify-audit.ts';
import type { Instant } from '../../lambdas/core/time.ts';
import type { Paint } from './paint.ts';
import { tableText } from './table.ts';
import { momentText } from './time-words.ts';

/** What verification found, and what it means. */
export function auditText(report: AuditReport, now: Instant, paint: Paint): string {
  const { faults, heads } = report;
  if (faults.length > 0) return faultsText(report, paint);
  if (heads === 0)
    return `${paint.bad('The audit has never been sealed.')} Its records agree with each other, and nothing would show that all of them were rewritten.\n${sizeText(report, now)}`;
  return `${paint.good('The audit verifies.')}\n${sizeText(report, now)}`;
}

function sizeText({ chains, records, heads, unsealed, lastHeadAt }: AuditReport, now: Instant): string {
  return tableText([
    ['chains', String(chains)],
    ['records', String(records)],
    [
      'signed heads',
      `${heads}${lastHeadAt === undefined ? '' : `, the newest ${momentText(lastHeadAt, now)}`}`,
    ],
    [
      'not sealed yet',
      `${unsealed}${unsealed > 0 ? ': younger than the newest head, until the next one' : ''}`,
    ],
  ]);
}

function faultsText({ faults }: AuditReport, paint: Paint): string {
  const head = ['FAULT', 'CHAIN', '#', 'HEAD', 'WHAT'].map((text) => ({ text, paint: paint.faint }));
  const rows = faults.map(({ kind, chain, sequence, head: number, detail }) => [
    { text: kind, paint: paint.bad },
    chain ?? '–',
    sequence === undefined ? '–' : String(sequence),
    number === undefined ? '–' : String(number),
    detail,
  ]);
  return [
    paint.bad(`The audit does not verify: ${faults.length} fault(s).`),
    '',
    tableText([head, ...rows]),
    '',
    'Somebody changed what was written, or a disk did. Keep everything as it is, copy the store and the signed heads to',
    'a place that nobody here can write, and find out who could write the store. Rotations go on meanwhile.',
  ].join('\n');
}
