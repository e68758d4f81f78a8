import { FileHeadStore } from '../../embedded/audit/file-head-store.ts';
import { SqliteAuditStore } from '../../embedded/audit/sqlite-audit-store.ts';
import { appendAudit } from '../../lambdas/append-audit/append-audit.ts';
import { MemoryAudit, MemoryHeads } from '../fakes/memory-audit.ts';
import { tempFolder } from '../fakes/temp-folder.ts';
import {
  describeAuditAppenderContract,
  describeAuditStoreContract,
  describeHeadStoreContract,
  type AuditUnderTest,
  type HeadsUnderTest,
} from './audit-contract.ts';

const jitter = async (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

async function memoryAudit(): Promise<AuditUnderTest> {
  const store = new MemoryAudit();
  return { store, appender: store.appender, cleanUp: async () => store.judge.assertClean() };
}

async function sqliteAudit(): Promise<AuditUnderTest> {
  const folder = tempFolder();
  const store = new SqliteAuditStore(folder.at('audit.sqlite'));
  const cleanUp = async (): Promise<void> => {
    store.close();
    folder.remove();
  };
  return { store, appender: appendAudit(store, jitter), cleanUp };
}

async function memoryAppended(): Promise<AuditUnderTest> {
  const store = new MemoryAudit();
  const cleanUp = async (): Promise<void> => store.judge.assertClean();
  return { store, appender: appendAudit(store, jitter), cleanUp };
}

async function fileHeads(): Promise<HeadsUnderTest> {
  const folder = tempFolder();
  return { heads: new FileHeadStore(folder.at('heads')), cleanUp: async () => folder.remove() };
}

describeAuditStoreContract('the memory audit', memoryAudit);
describeAuditStoreContract('the SQLite audit', sqliteAudit);
describeAuditAppenderContract('the memory audit', memoryAudit);
describeAuditAppenderContract('append-audit over the memory audit', memoryAppended);
describeAuditAppenderContract('append-audit over the SQLite audit', sqliteAudit);
describeHeadStoreContract('the memory head store', async () => ({
  heads: new MemoryHeads(),
  cleanUp: async () => undefined,
}));
describeHeadStoreContract('the file head store', fileHeads);
