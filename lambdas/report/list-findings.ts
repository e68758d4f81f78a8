import { findCredential } from '../core/find-credential.ts';
import { NO_CREDENTIAL, type Finding } from '../core/watch/finding.ts';
import type { ReportPorts } from './report-ports.ts';

/** What the watch found, the newest first. */
export interface FindingsReport {
  readonly findings: readonly Finding[];
}

/** Findings of one credential, or of all. Those about no credential in particular are kept under `*`. */
export async function listFindings(
  { inventory, ledger }: ReportPorts,
  credential: string | undefined,
): Promise<FindingsReport> {
  const names =
    credential === undefined
      ? [...inventory.credentials.map(({ name }) => name), NO_CREDENTIAL]
      : [findCredential(inventory, credential).name];
  const rows = await Promise.all(names.map((name) => ledger.list('finding', name)));
  const findings = rows.flat().map(({ body }) => body);
  return { findings: findings.sort((a, b) => Date.parse(b.at) - Date.parse(a.at)) };
}
