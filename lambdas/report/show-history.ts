import { accessOf } from '../core/access/access-inventory.ts';
import type { AuditRecord } from '../core/audit/record.ts';
import type { Refusal } from '../core/ledger-rows.ts';
import type { ReportPorts } from './report-ports.ts';
import { readChain } from './read-chain.ts';

/** What happened to one credential. */
export interface HistoryReport {
  readonly credential: string;
  /** The newest last. */
  readonly records: readonly AuditRecord[];
  readonly refusals: readonly Refusal[];
  /** Every chain that the audit has, and everything that can be leased, of which there may be none yet. Absent in answers of earlier versions. */
  readonly chains?: readonly string[];
}

/** The last records of a credential's chain, and the requests that were refused. `operations` is a chain as well. */
export async function showHistory(
  ports: ReportPorts,
  credential: string,
  limit = 100,
): Promise<HistoryReport> {
  const tails = await ports.chains.tails();
  const tail = tails.find(({ chain }) => chain === credential);
  const from = Math.max(1, (tail?.sequence ?? 0) - limit + 1);
  return {
    credential,
    records: await readChain(ports.chains, credential, from),
    refusals: (await ports.ledger.list('refusal', credential)).map(({ body }) => body),
    chains: [...new Set([...tails.map(({ chain }) => chain), ...leasableNames(ports)])],
  };
}

const leasableNames = ({ inventory }: ReportPorts): readonly string[] =>
  accessOf(inventory).leasables.map(({ name }) => name);
