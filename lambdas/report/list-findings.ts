import { accessOf } from '../core/access/access-inventory.ts';
import type { Inventory } from '../core/credential.ts';
import { findCredential } from '../core/find-credential.ts';
import { NO_CREDENTIAL, type Finding } from '../core/watch/finding.ts';
import type { ReportPorts } from './report-ports.ts';

/** What the watch found, the newest first. */
export interface FindingsReport {
  readonly findings: readonly Finding[];
}

/**
 * Findings of one credential, lease authority or leasable, or of all. Those about nothing in particular are kept under
 * `*`. Throws `UNKNOWN_CREDENTIAL` where the inventory declares nothing of the name.
 */
export async function listFindings(
  { inventory, ledger }: ReportPorts,
  credential: string | undefined,
): Promise<FindingsReport> {
  const leased = ofLeases(inventory);
  const names =
    credential === undefined
      ? [...new Set([...inventory.credentials.map(({ name }) => name), ...leased, NO_CREDENTIAL])]
      : leased.includes(credential)
        ? [credential]
        : [findCredential(inventory, credential).name];
  const rows = await Promise.all(names.map((name) => ledger.list('finding', name)));
  const findings = rows.flat().map(({ body }) => body);
  return { findings: findings.sort((a, b) => Date.parse(b.at) - Date.parse(a.at)) };
}

/** What a finding of the broker, or of a read of an authority, is about. */
function ofLeases(inventory: Inventory): readonly string[] {
  const { leasables, leaseAuthorities } = accessOf(inventory);
  return [...leasables, ...leaseAuthorities].map(({ name }) => name);
}
