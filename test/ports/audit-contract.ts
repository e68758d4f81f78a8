import { describe, expect, it } from 'vitest';
import type { SealedHead } from '../../lambdas/core/audit/head.ts';
import { continueChain, GENESIS, type AuditRecord } from '../../lambdas/core/audit/record.ts';
import { checkChain } from '../../lambdas/core/audit/verify.ts';
import type { AuditAppender, AuditStore, HeadStore } from '../../lambdas/core/ports/audit.ts';
import { aHead, anEntry } from '../fakes/an-audit-entry.ts';
import { codeOf, eachTime, type UnderTest } from './under-test.ts';

/** An empty store of chains, and an appender over it where there is one. */
export interface AuditUnderTest extends UnderTest {
  readonly store: AuditStore;
  readonly appender: AuditAppender;
}

/** An empty store of heads. */
export interface HeadsUnderTest extends UnderTest {
  readonly heads: HeadStore;
}

async function grow(store: AuditStore, count: number, chain?: string): Promise<readonly AuditRecord[]> {
  const records: AuditRecord[] = [];
  for (let number = 1; number <= count; number += 1) {
    const record = continueChain(records.at(-1) && tailOf(records.at(-1)), anEntry(number, chain));
    await store.append(record);
    records.push(record);
  }
  return records;
}

const tailOf = (record: AuditRecord | undefined) =>
  record && { chain: record.entry.chain, sequence: record.sequence, hash: record.hash };

/** The contract of `AuditStore`: append-only, and only behind the tail. */
export function describeAuditStoreContract(name: string, make: () => Promise<AuditUnderTest>): void {
  describe(`${name} keeps the contract of an audit store`, () => {
    const subject = eachTime(make);
    describeReadingChains(subject);
    describeContinuing(subject);
  });
}

function describeReadingChains(subject: () => AuditUnderTest): void {
  it('knows nothing of a chain without records', async () => {
    const { store } = subject();
    expect(await store.tail('vector-store')).toBeUndefined();
    expect(await store.find('vector-store', 'entry')).toBeUndefined();
    expect(await store.read('vector-store', 1, 10)).toEqual([]);
    expect(await store.tails()).toEqual([]);
  });

  it('gives records back as they were appended', async () => {
    const { store } = subject();
    const records = await grow(store, 3);
    expect(await store.read('vector-store', 1, 10)).toEqual(records);
    expect(await store.tail('vector-store')).toEqual(tailOf(records[2]));
    expect(await store.find('vector-store', 'entry-vector-store-2')).toEqual(records[1]);
    expect(checkChain('vector-store', await store.read('vector-store', 1, 10))).toEqual([]);
  });

  it('reads from a number on, and no more than was asked for', async () => {
    const { store } = subject();
    const records = await grow(store, 12);
    expect(await store.read('vector-store', 10, 10)).toEqual(records.slice(9));
    expect(await store.read('vector-store', 2, 3)).toEqual(records.slice(1, 4));
    expect(await store.read('vector-store', 13, 10)).toEqual([]);
    expect(await store.read('vector-store', 1, 0)).toEqual([]);
  });

  it('keeps chains apart and tells all their tails', async () => {
    const { store } = subject();
    const a = await grow(store, 2, 'a');
    const b = await grow(store, 1, 'b');
    expect(await store.find('a', 'entry-b-1')).toBeUndefined();
    const tails = [...(await store.tails())].sort((one, other) => (one.chain < other.chain ? -1 : 1));
    expect(tails).toEqual([tailOf(a[1]), tailOf(b[0])]);
  });
}

function describeContinuing(subject: () => AuditUnderTest): void {
  it('refuses whatever does not continue the tail, and changes nothing', async () => {
    const { store } = subject();
    const [first, second] = await grow(store, 2);
    const third = continueChain(tailOf(second), anEntry(3));
    const wrong = [
      continueChain(tailOf(first), anEntry(3)),
      continueChain(undefined, anEntry(3)),
      { ...third, sequence: 4 },
      continueChain({ chain: 'vector-store', sequence: 2, hash: GENESIS }, anEntry(3)),
    ];
    for (const record of wrong) expect(await codeOf(store.append(record))).toBe('LEDGER_CONFLICT');
    expect(await store.read('vector-store', 1, 10)).toEqual([first, second]);
  });

  it('refuses an entry that is in the chain already, also behind the tail', async () => {
    const { store } = subject();
    const [first, second] = await grow(store, 2);
    const repeated = continueChain(tailOf(first), anEntry(2));
    expect(repeated).toEqual(second);
    expect(await codeOf(store.append(repeated))).toBe('LEDGER_CONFLICT');
    const again = continueChain(tailOf(second), anEntry(1));
    expect(await codeOf(store.append(again))).toBe('LEDGER_CONFLICT');
    expect(await store.read('vector-store', 1, 10)).toEqual([first, second]);
  });

  it('lets one of several writers continue a chain', async () => {
    const { store } = subject();
    const [first] = await grow(store, 1);
    const rivals = [2, 3, 4].map((number) => continueChain(tailOf(first), anEntry(number)));
    const codes = await Promise.all(rivals.map((record) => codeOf(store.append(record))));
    expect([...codes].sort()).toEqual(['LEDGER_CONFLICT', 'LEDGER_CONFLICT', 'none']);
    expect(await store.read('vector-store', 2, 10)).toEqual([rivals[codes.indexOf('none')]]);
  });
}

/** The contract of `AuditAppender`: the same entry again is the same record. */
export function describeAuditAppenderContract(name: string, make: () => Promise<AuditUnderTest>): void {
  describe(`${name} keeps the contract of an audit appender`, () => {
    const subject = eachTime(make);

    it('puts entries into their chains, one behind the other', async () => {
      const { appender, store } = subject();
      const records = [await appender.append(anEntry(1)), await appender.append(anEntry(2))];
      expect(records.map(({ sequence, entry }) => [sequence, entry])).toEqual([
        [1, anEntry(1)],
        [2, anEntry(2)],
      ]);
      expect(await store.read('vector-store', 1, 10)).toEqual(records);
      expect(checkChain('vector-store', records)).toEqual([]);
    });

    it('answers a repeated entry with its record and appends nothing', async () => {
      const { appender, store } = subject();
      const first = await appender.append(anEntry(1));
      await appender.append(anEntry(2));
      expect(await appender.append(anEntry(1))).toEqual(first);
      expect(await store.read('vector-store', 1, 10)).toHaveLength(2);
    });

    it('makes one chain of what several write at once', async () => {
      const { appender, store } = subject();
      const entries = Array.from({ length: 8 }, (_, index) => anEntry(index + 1));
      await Promise.all(entries.map((entry) => appender.append(entry)));
      const records = await store.read('vector-store', 1, 100);
      expect(records.map(({ entry }) => entry.id).sort()).toEqual(entries.map(({ id }) => id).sort());
      expect(checkChain('vector-store', records)).toEqual([]);
    });
  });
}

/** The contract of `HeadStore`: write-once by number. */
export function describeHeadStoreContract(name: string, make: () => Promise<HeadsUnderTest>): void {
  describe(`${name} keeps the contract of a head store`, () => {
    const subject = eachTime(make);

    it('has no latest head before there is one', async () => {
      expect(await subject().heads.latest()).toBeUndefined();
      expect(await subject().heads.list(1, 10)).toEqual([]);
    });

    it('gives heads back as they were put, and knows the latest', async () => {
      const { heads } = subject();
      const all: SealedHead[] = [];
      // Eleven, so that a store which sorts numbers as text is caught.
      for (let number = 1; number <= 11; number += 1) all.push(aHead(number, all.at(-1)));
      for (const head of all) await heads.put(head);
      expect(await heads.latest()).toEqual(all[10]);
      expect(await heads.list(1, 100)).toEqual(all);
      expect(await heads.list(9, 2)).toEqual(all.slice(8, 10));
      expect(await heads.list(12, 5)).toEqual([]);
    });

    it('takes the same head again and refuses another one with its number', async () => {
      const { heads } = subject();
      const head = aHead(1);
      await heads.put(head);
      await heads.put(head);
      expect(await codeOf(heads.put({ ...head, signature: 'YW5vdGhlcg' }))).toBe('LEDGER_CONFLICT');
      expect(await heads.latest()).toEqual(head);
    });
  });
}
