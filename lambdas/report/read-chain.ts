import type { AuditRecord } from '../core/audit/record.ts';
import type { AuditStore } from '../core/ports/audit.ts';

const PAGE = 500;

/** All records of a chain from a number on. */
export async function readChain(
  chains: Pick<AuditStore, 'read'>,
  chain: string,
  fromSequence = 1,
): Promise<readonly AuditRecord[]> {
  const records: AuditRecord[] = [];
  for (let from = fromSequence; ;) {
    const page = await chains.read(chain, from, PAGE);
    records.push(...page);
    const last = page.at(-1);
    if (!last || page.length < PAGE) return records;
    // A number that does not grow would never end; the verifier will say what is wrong with it.
    from = Math.max(last.sequence, from + page.length - 1) + 1;
  }
}
