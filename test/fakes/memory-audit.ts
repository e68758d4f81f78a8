import type { SealedHead } from '../../lambdas/core/audit/head.ts';
import {
  continueChain,
  GENESIS,
  recordHash,
  type AuditEntry,
  type AuditRecord,
  type ChainTail,
} from '../../lambdas/core/audit/record.ts';
import { canonicalJson } from '../../lambdas/core/digest.ts';
import { LockstepError } from '../../lambdas/core/errors.ts';
import type { AuditAppender, AuditStore, HeadStore } from '../../lambdas/core/ports/audit.ts';
import { Judge, stored } from './judge.ts';

/**
 * `AuditStore` and `AuditAppender` in memory. Records come back as copies that nobody can change. Judges: an
 * entry id that comes back with another content, a record whose hash is wrong, a secret in an entry.
 */
export class MemoryAudit implements AuditStore {
  readonly judge: Judge;
  readonly #chains = new Map<string, AuditRecord[]>();

  constructor(judge: Judge = new Judge()) {
    this.judge = judge;
  }

  /** The way in for everybody but `append-audit`. */
  readonly appender: AuditAppender = {
    append: async (entry: AuditEntry) => {
      const known = this.#find(entry.chain, entry.id);
      if (known) {
        const same = canonicalJson(known.entry) === canonicalJson(stored(entry));
        this.judge.demand(same, `audit entry ${entry.id} was written again with another content`);
        return known;
      }
      const record = continueChain(this.#tail(entry.chain), stored(entry));
      await this.append(record);
      return record;
    },
  };

  /** All entries, chain by chain, for a test's assertions. */
  entries(chain?: string): readonly AuditEntry[] {
    const chains = chain === undefined ? [...this.#chains.values()] : [this.#chains.get(chain) ?? []];
    return chains.flat().map(({ entry }) => entry);
  }

  /** All records, by chain: what the verifier takes. */
  get chains(): ReadonlyMap<string, readonly AuditRecord[]> {
    return this.#chains;
  }

  async tail(chain: string): Promise<ChainTail | undefined> {
    return this.#tail(chain);
  }

  async append(record: AuditRecord): Promise<void> {
    const { chain, id } = record.entry;
    this.judge.inspect(`audit entry ${id}`, record);
    const tail = this.#tail(chain);
    const continues =
      record.sequence === (tail?.sequence ?? 0) + 1 && record.previous === (tail?.hash ?? GENESIS);
    if (!continues || this.#find(chain, id))
      throw new LockstepError('LEDGER_CONFLICT', `record ${record.sequence} does not continue ${chain}`);
    this.judge.demand(
      recordHash(record) === record.hash,
      `record ${record.sequence} of ${chain} has a wrong hash`,
    );
    this.#chains.set(chain, [...(this.#chains.get(chain) ?? []), stored(record)]);
  }

  async find(chain: string, entryId: string): Promise<AuditRecord | undefined> {
    return this.#find(chain, entryId);
  }

  async read(chain: string, fromSequence: number, limit: number): Promise<readonly AuditRecord[]> {
    const records = (this.#chains.get(chain) ?? []).filter(({ sequence }) => sequence >= fromSequence);
    return records.slice(0, Math.max(0, limit));
  }

  async tails(): Promise<readonly ChainTail[]> {
    return [...this.#chains.keys()].sort().flatMap((chain) => this.#tail(chain) ?? []);
  }

  #tail(chain: string): ChainTail | undefined {
    const last = this.#chains.get(chain)?.at(-1);
    return last && { chain, sequence: last.sequence, hash: last.hash };
  }

  #find(chain: string, entryId: string): AuditRecord | undefined {
    return this.#chains.get(chain)?.find(({ entry }) => entry.id === entryId);
  }
}

/** `HeadStore` in memory, write-once. */
export class MemoryHeads implements HeadStore {
  readonly #heads = new Map<number, SealedHead>();

  async latest(): Promise<SealedHead | undefined> {
    return this.#heads.get(Math.max(0, ...this.#heads.keys()));
  }

  async put(head: SealedHead): Promise<void> {
    const known = this.#heads.get(head.head.number);
    if (known && canonicalJson(known) !== canonicalJson(head))
      throw new LockstepError('LEDGER_CONFLICT', `head ${head.head.number} exists and differs`);
    this.#heads.set(head.head.number, stored(head));
  }

  async list(fromNumber: number, limit: number): Promise<readonly SealedHead[]> {
    const heads = [...this.#heads.values()].filter(({ head }) => head.number >= fromNumber);
    return heads.sort((a, b) => a.head.number - b.head.number).slice(0, limit);
  }
}
