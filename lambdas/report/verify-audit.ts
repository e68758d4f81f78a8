import type { SealedHead } from '../core/audit/head.ts';
import { checkAgainstHeads, checkChain, checkHeads, type AuditFault } from '../core/audit/verify.ts';
import type { AuditRecord } from '../core/audit/record.ts';
import { readChain } from './read-chain.ts';
import type { ReportPorts } from './report-ports.ts';

/** What verification found. */
export interface AuditReport {
  readonly ok: boolean;
  readonly chains: number;
  readonly records: number;
  readonly heads: number;
  /** Records younger than the newest head: still rewritable unseen, until the next one. */
  readonly unsealed: number;
  readonly lastHeadAt?: string;
  readonly faults: readonly AuditFault[];
}

/**
 * Recomputes every chain and compares it with every signed head. With a credential, only its chain is
 * recomputed; the heads are checked all the same.
 */
export async function verifyAudit(ports: ReportPorts, credential: string | undefined): Promise<AuditReport> {
  const heads = await readHeads(ports);
  const chains = await readChains(ports, heads, credential);
  const relevant = credential === undefined ? heads : heads.map((sealed) => onlyChain(sealed, credential));
  const faults: readonly AuditFault[] = [
    ...(await checkHeads(ports.auditOrigin, heads, ports.verifySignature)),
    ...[...chains].flatMap(([chain, records]) => checkChain(chain, records)),
    ...checkAgainstHeads(chains, relevant),
  ];
  const records = [...chains.values()].reduce((sum, each) => sum + each.length, 0);
  const newest = heads.at(-1)?.head;
  return {
    ok: faults.length === 0 && heads.length > 0,
    chains: chains.size,
    records,
    heads: heads.length,
    unsealed: unsealedRecords(chains, heads.at(-1)),
    ...(newest ? { lastHeadAt: newest.at } : {}),
    faults,
  };
}

async function readHeads({ heads }: ReportPorts): Promise<readonly SealedHead[]> {
  const all: SealedHead[] = [];
  const page = 500;
  for (;;) {
    const next = await heads.list(all.length + 1, page);
    all.push(...next);
    if (next.length < page) return all;
  }
}

/** Every chain that the store or any head knows: a chain that vanished from the store is still asked for. */
async function readChains(
  { chains }: ReportPorts,
  heads: readonly SealedHead[],
  credential: string | undefined,
): Promise<ReadonlyMap<string, readonly AuditRecord[]>> {
  const stored = (await chains.tails()).map(({ chain }) => chain);
  const sealed = heads.flatMap(({ head }) => head.tails.map(({ chain }) => chain));
  const names = [...new Set([...stored, ...sealed])]
    .filter((name) => credential === undefined || name === credential)
    .sort();
  const read = new Map<string, readonly AuditRecord[]>();
  for (const name of names) read.set(name, await readChain(chains, name));
  return read;
}

const onlyChain = (sealed: SealedHead, chain: string): SealedHead => ({
  ...sealed,
  head: { ...sealed.head, tails: sealed.head.tails.filter((tail) => tail.chain === chain) },
});

function unsealedRecords(
  chains: ReadonlyMap<string, readonly AuditRecord[]>,
  newest: SealedHead | undefined,
): number {
  return [...chains].reduce((sum, [chain, records]) => {
    const sealed = newest?.head.tails.find((tail) => tail.chain === chain)?.sequence ?? 0;
    return sum + records.filter(({ sequence }) => sequence > sealed).length;
  }, 0);
}
