import { describe, expect, it } from 'vitest';
import { appendAudit } from '../../lambdas/append-audit/append-audit.ts';
import { checkChain } from '../../lambdas/core/audit/verify.ts';
import { LockstepError } from '../../lambdas/core/errors.ts';
import { anEntry } from '../fakes/an-audit-entry.ts';
import { MemoryAudit } from '../fakes/memory-audit.ts';
import { codeOf } from '../ports/under-test.ts';

const noWait = (): Promise<void> => Promise.resolve();

describe('append-audit', () => {
  it('puts entries behind one another, and each once, whoever asks again', async () => {
    const store = new MemoryAudit();
    const appender = appendAudit(store, noWait);
    const first = await appender.append(anEntry(1));
    const second = await appender.append(anEntry(2));

    expect(await appender.append(anEntry(1))).toEqual(first);

    expect(second).toMatchObject({ sequence: 2, previous: first.hash });
    expect(store.chains.get(first.entry.chain)).toHaveLength(2);
  });

  it('makes one whole chain of many that write at once', async () => {
    const store = new MemoryAudit();
    const appender = appendAudit(store, noWait);
    await Promise.all(Array.from({ length: 12 }, (_, number) => appender.append(anEntry(number))));
    const records = store.chains.get('vector-store') ?? [];
    expect(records).toHaveLength(12);
    expect(checkChain('vector-store', records)).toEqual([]);
  });

  it('waits longer and longer between meetings, and gives up after twenty of them', async () => {
    const store = new MemoryAudit();
    store.append = () => Promise.reject(new LockstepError('LEDGER_CONFLICT', 'another one was first'));
    const waits: number[] = [];
    const appender = appendAudit(store, async (attempt) => void waits.push(attempt));
    expect(await codeOf(appender.append(anEntry(1)))).toBe('AUDIT_UNAVAILABLE');
    expect(waits).toEqual(Array.from({ length: 20 }, (_, index) => index + 1));
  });

  it('does not write twice where its answer was lost', async () => {
    const store = new MemoryAudit();
    const append = store.append.bind(store);
    store.append = async (record) => {
      await append(record);
      throw new LockstepError('AUDIT_UNAVAILABLE', 'no answer');
    };
    const appender = appendAudit(store, noWait);
    expect(await codeOf(appender.append(anEntry(1)))).toBe('AUDIT_UNAVAILABLE');
    store.append = append;
    const record = await appender.append(anEntry(1));
    expect(record.sequence).toBe(1);
    expect(store.chains.get(record.entry.chain)).toHaveLength(1);
  });
});
