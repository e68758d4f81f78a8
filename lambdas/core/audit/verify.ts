import { headDigest, headText, type SealedHead } from './head.ts';
import { GENESIS, recordHash, type AuditRecord } from './record.ts';

/** What a verifier found wrong, and where. */
export interface AuditFault {
  readonly kind:
    | 'edited-record'
    | 'missing-record'
    | 'swapped-record'
    | 'broken-link'
    | 'rechained'
    | 'cut-tail'
    | 'missing-chain'
    | 'bad-signature'
    | 'broken-head-chain'
    | 'shrunken-chain';
  readonly chain?: string;
  readonly sequence?: number;
  readonly head?: number;
  readonly detail: string;
}

/** Verifies an Ed25519 signature; injected, since the domain has no crypto of its own beyond hashing. */
export type VerifySignature = (message: string, signatureBase64: string) => Promise<boolean>;

/**
 * Checks one chain by itself: every hash, every link, every number.
 *
 * An adversary who can write the table can still re-chain everything behind an edit so that this passes;
 * `checkAgainstHeads` is what catches that.
 */
export function checkChain(chain: string, records: readonly AuditRecord[]): readonly AuditFault[] {
  const faults: AuditFault[] = [];
  let previous = GENESIS;
  records.forEach((record, index) => {
    const expected = index + 1;
    const fault = (kind: AuditFault['kind'], detail: string): void => {
      faults.push({ kind, chain, sequence: record.sequence, detail });
    };
    if (record.entry.chain !== chain) fault('swapped-record', `belongs to chain ${record.entry.chain}`);
    if (record.sequence !== expected) {
      const seenLater = records.some(({ sequence }) => sequence === expected);
      if (seenLater) fault('swapped-record', `stands where record ${expected} belongs`);
      else fault('missing-record', `record ${expected} is missing before it`);
    }
    if (recordHash(record) !== record.hash)
      fault('edited-record', 'its content does not have the hash it carries');
    else if (record.previous !== previous) fault('broken-link', 'it does not continue the record before it');
    previous = record.hash;
  });
  return faults;
}

/** Checks chains against every signed head: what was sealed must still be there, unchanged. */
export function checkAgainstHeads(
  chains: ReadonlyMap<string, readonly AuditRecord[]>,
  heads: readonly SealedHead[],
): readonly AuditFault[] {
  const faults = new Map<string, AuditFault>();
  for (const { head } of heads) {
    for (const tail of head.tails) {
      const fault = checkTail(chains.get(tail.chain), tail, head.number);
      // One fault per chain and kind: every later head repeats it.
      if (fault && !faults.has(`${tail.chain} ${fault.kind}`))
        faults.set(`${tail.chain} ${fault.kind}`, fault);
    }
  }
  return [...faults.values()];
}

function checkTail(
  records: readonly AuditRecord[] | undefined,
  tail: { readonly chain: string; readonly sequence: number; readonly hash: string },
  head: number,
): AuditFault | undefined {
  const { chain, sequence } = tail;
  if (!records || records.length === 0) {
    return {
      kind: 'missing-chain',
      chain,
      sequence,
      head,
      detail: `head ${head} sealed ${sequence} records, none is left`,
    };
  }
  const last = records.at(-1)?.sequence ?? 0;
  if (last < sequence) {
    return {
      kind: 'cut-tail',
      chain,
      sequence,
      head,
      detail: `head ${head} sealed ${sequence} records, ${last} are left`,
    };
  }
  const sealed = records.find((record) => record.sequence === sequence);
  if (sealed && sealed.hash !== tail.hash) {
    const detail = `record ${sequence} is not the one that head ${head} sealed: the chain was rewritten up to it`;
    return { kind: 'rechained', chain, sequence, head, detail };
  }
  return undefined;
}

/**
 * Checks the heads themselves: signatures, numbers, links, and that no chain ever shrank.
 *
 * @param firstNumber the number that the first head must have; above 1 the link to the head before it cannot
 *   be checked, since that head is not among them
 */
export async function checkHeads(
  origin: string,
  heads: readonly SealedHead[],
  verify: VerifySignature,
  firstNumber = 1,
): Promise<readonly AuditFault[]> {
  const faults: AuditFault[] = [];
  let previous = GENESIS;
  let sizes = new Map<string, number>();
  for (const [index, { head, signature }] of heads.entries()) {
    const fault = (kind: AuditFault['kind'], detail: string): void => {
      faults.push({ kind, head: head.number, detail });
    };
    if (!(await verify(headText(head), signature)))
      fault('bad-signature', 'its signature does not verify under the pinned key');
    if (head.origin !== origin) fault('broken-head-chain', `it speaks of ${head.origin}, not of ${origin}`);
    const expected = firstNumber + index;
    const linkIsKnown = index > 0 || firstNumber === 1;
    if (head.number !== expected) fault('broken-head-chain', `head ${expected} is missing or out of place`);
    else if (linkIsKnown && head.previous !== previous)
      fault('broken-head-chain', 'it does not continue the head before it');
    for (const [chain, size] of sizes) {
      const now = head.tails.find((tail) => tail.chain === chain)?.sequence ?? 0;
      if (now < size)
        fault(
          'shrunken-chain',
          `chain ${chain} had ${size} records in an earlier head and has ${now} in this one`,
        );
    }
    previous = headDigest(head);
    sizes = new Map(head.tails.map((tail) => [tail.chain, tail.sequence]));
  }
  return faults;
}
