/**
 * `rag-api` of the example workspace: answers from the vector store, over a pool and a new connection every half
 * second besides. Told by webhook; acknowledges by itself.
 */
import { AttemptLog } from './attempt-log.ts';
import { DatabaseUser } from './database-user.ts';
import { HeldCredential } from './held-credential.ts';
import { HeldSigningKey } from './held-signing-key.ts';
import { again, beginService, liveAsService } from './service-life.ts';
import { receiveNotices } from './webhook-receiver.ts';
import { WorkloadClient } from './workload-client.ts';

const orders = await beginService();
const log = new AttemptLog(orders.name, orders.folder, () => new Date());
const client = new WorkloadClient({ workload: orders.name, ...orders }, log);
const database = new DatabaseUser(log, {
  applicationName: orders.name,
  poolSize: 2,
  poolLifetimeSeconds: 60,
});
const store = new HeldCredential('vector-store', client, log, (read) => database.takeIntoUse(read));
const hook = new HeldSigningKey('rag-api-hook', client, log);

const server = await receiveNotices({
  port: orders.port ?? 0,
  keys: () => hook.keys(),
  onChecked: (id, isVerified) =>
    log.note({ what: 'notice', key: 'rag-api-hook', id, outcome: isVerified ? 'served' : 'failed' }),
  onNotice: (notice) => {
    hook.follow(notice).catch(() => undefined);
    store.settle().catch(() => undefined);
  },
});
await liveAsService(orders, async () => {
  server.close();
  await database.end();
});

again(2000, async () => {
  if (!store.using) await store.refresh();
  if (!hook.held.using) await hook.held.refresh();
});
// Heals a notice that was lost; normally there is nothing left to do.
again(3000, () => store.settle());
again(3000, () => hook.held.settle());
again(250, () => database.work('SELECT count(*) FROM pg_class'));
again(500, () => database.connectAnew('SELECT 1'));
again(1000, async () => log.publish());
