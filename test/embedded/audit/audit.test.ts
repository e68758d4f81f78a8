import { chmodSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import Libsql from 'libsql';
import { describe, expect, it } from 'vitest';
import { FileHeadStore } from '../../../embedded/audit/file-head-store.ts';
import { SqliteAuditStore } from '../../../embedded/audit/sqlite-audit-store.ts';
import { FileSigner } from '../../../embedded/signer/file-signer.ts';
import { verifyEd25519 } from '../../../embedded/signer/verify-ed25519.ts';
import { appendAudit } from '../../../lambdas/append-audit/append-audit.ts';
import { continueChain } from '../../../lambdas/core/audit/record.ts';
import { checkAgainstHeads, checkChain, checkHeads } from '../../../lambdas/core/audit/verify.ts';
import { sealAudit } from '../../../lambdas/seal-audit/seal-audit.ts';
import { CountingMetrics } from '../../fakes/counting-metrics.ts';
import { FakeClock } from '../../fakes/fake-clock.ts';
import { inTempFolder, type TempFolder } from '../../fakes/temp-folder.ts';
import { anEntry } from '../../fakes/an-audit-entry.ts';
import { codeOf } from '../../ports/under-test.ts';

const ORIGIN = 'lockstep/test/audit';

/** The whole audit of the embedded world in a folder. */
function anAudit(folder: TempFolder) {
  const store = new SqliteAuditStore(folder.at('audit.sqlite'));
  const heads = new FileHeadStore(folder.at('heads'));
  const signer = new FileSigner(folder.at('keys', 'audit.pem'));
  const ports = {
    origin: ORIGIN,
    chains: store,
    heads,
    signer,
    metrics: new CountingMetrics(),
    clock: new FakeClock().now,
  };
  return {
    store,
    heads,
    signer,
    appender: appendAudit(store, async () => undefined),
    seal: () => sealAudit(ports),
  };
}

describe('the audit of the embedded world', () => {
  const folder = inTempFolder();

  it('verifies after it was written, sealed and opened again, and its key is still the same', async () => {
    const first = anAudit(folder());
    for (let number = 1; number <= 3; number += 1) {
      await first.appender.append(anEntry(number));
      await first.seal();
    }
    const key = await first.signer.publicKey();
    first.store.close();
    const again = anAudit(folder());
    const [records, heads] = [await again.store.read('vector-store', 1, 10), await again.heads.list(1, 10)];
    expect(await again.signer.publicKey()).toEqual(key);
    expect(checkChain('vector-store', records)).toEqual([]);
    expect(await checkHeads(ORIGIN, heads, verifyEd25519(key))).toEqual([]);
    expect(checkAgainstHeads(new Map([['vector-store', records]]), heads)).toEqual([]);
    expect(heads).toHaveLength(3);
    again.store.close();
  });

  it('gives whoever can write its file away', async () => {
    const { store, heads, appender, seal } = anAudit(folder());
    for (let number = 1; number <= 3; number += 1) await appender.append(anEntry(number));
    await seal();
    store.close();
    const connection = new Libsql(folder().at('audit.sqlite'));
    connection.exec('DROP TRIGGER record_is_not_removed; DELETE FROM record WHERE sequence = 3');
    connection.close();
    const again = anAudit(folder());
    const records = await again.store.read('vector-store', 1, 10);
    const faults = checkAgainstHeads(new Map([['vector-store', records]]), await heads.list(1, 10));
    expect(faults.map(({ kind }) => kind)).toEqual(['cut-tail']);
    again.store.close();
  });
});

describe('the file of the chains', () => {
  const folder = inTempFolder();

  it.each(["UPDATE record SET hash = 'x'", 'DELETE FROM record'])(
    'lets nobody run %s by mistake',
    async (sql) => {
      const { store, appender } = anAudit(folder());
      await appender.append(anEntry(1));
      const connection = new Libsql(folder().at('audit.sqlite'));
      expect(() => connection.exec(sql)).toThrow(/never/);
      expect(await store.read('vector-store', 1, 10)).toHaveLength(1);
      connection.close();
      store.close();
    },
  );

  it('takes no record with a wrong hash, which every later one would continue', async () => {
    const { store } = anAudit(folder());
    const record = continueChain(undefined, anEntry(1));
    const edited = { ...record, entry: { ...record.entry, at: '2027-01-01T00:00:00.000Z' } };
    expect(await codeOf(store.append(edited))).toBe('LEDGER_CONFLICT');
    expect(await store.tail('vector-store')).toBeUndefined();
    store.close();
  });

  it('is named broken where a record is not one any more', async () => {
    const { store, appender } = anAudit(folder());
    await appender.append(anEntry(1));
    store.close();
    const connection = new Libsql(folder().at('audit.sqlite'));
    connection.exec('DROP TRIGGER record_is_not_changed; UPDATE record SET body = \'{"not": "a record"}\'');
    connection.close();
    const again = anAudit(folder());
    expect(await codeOf(again.store.read('vector-store', 1, 10))).toBe('AUDIT_BROKEN');
    again.store.close();
  });
});

describe('the files of the heads', () => {
  const folder = inTempFolder();

  async function sealed(count: number) {
    const audit = anAudit(folder());
    for (let number = 1; number <= count; number += 1) await audit.seal();
    return audit;
  }

  it('are one each, read-only, a thousand to a folder', async () => {
    const { store } = await sealed(2);
    expect(readdirSync(folder().at('heads'))).toEqual(['000000000']);
    const names = readdirSync(folder().at('heads', '000000000'));
    expect(names).toEqual(['000000000001.json', '000000000002.json']);
    expect(statSync(folder().at('heads', '000000000', '000000000001.json')).mode & 0o777).toBe(0o400);
    store.close();
  });

  it('are named broken where one is not what was written', async () => {
    const { store, heads } = await sealed(1);
    const path = folder().at('heads', '000000000', '000000000001.json');
    chmodSync(path, 0o600);
    writeFileSync(path, '{"half":');
    expect(await codeOf(heads.latest())).toBe('AUDIT_BROKEN');
    store.close();
  });

  it('leave a gap where one is missing, which the verifier names', async () => {
    const { store, heads, signer } = await sealed(3);
    rmSync(folder().at('heads', '000000000', '000000000002.json'));
    const left = await heads.list(1, 10);
    expect(left.map(({ head }) => head.number)).toEqual([1, 3]);
    const faults = await checkHeads(ORIGIN, left, verifyEd25519(await signer.publicKey()));
    expect(faults.map(({ kind }) => kind)).toContain('broken-head-chain');
    store.close();
  });
});

describe('the key that signs the audit', () => {
  const folder = inTempFolder();

  it('is refused when others may read it, and when it is none', () => {
    const path = folder().at('keys', 'audit.pem');
    expect(() => new FileSigner(path)).not.toThrow();
    expect(statSync(path).mode & 0o777).toBe(0o600);
    chmodSync(path, 0o644);
    expect(() => new FileSigner(path)).toThrow(expect.objectContaining({ code: 'STORE_FORBIDDEN' }));
    chmodSync(path, 0o600);
    writeFileSync(path, 'not-a-real-key');
    expect(() => new FileSigner(path)).toThrow(expect.objectContaining({ code: 'STORE_DAMAGED' }));
    expect(() => new FileSigner(path)).not.toThrow(/not-a-real-key/);
  });
});
