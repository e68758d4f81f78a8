/**
 * `embedder` of the example workspace: fills the vector store. Told nothing and acknowledges nothing: it reads the
 * credential again whenever its cache runs out, and its adoption is what the database shows of its sessions.
 */
import { AttemptLog } from './attempt-log.ts';
import { DatabaseUser } from './database-user.ts';
import { HeldCredential } from './held-credential.ts';
import { again, beginService, liveAsService } from './service-life.ts';
import { WorkloadClient } from './workload-client.ts';

const orders = await beginService();
const { cacheTtlSeconds, poolLifetimeSeconds } = orders.settings;
const log = new AttemptLog(orders.name, orders.folder, () => new Date());
const client = new WorkloadClient({ workload: orders.name, ...orders }, log);
const database = new DatabaseUser(log, {
  applicationName: orders.name,
  poolSize: 2,
  poolLifetimeSeconds: Number(poolLifetimeSeconds ?? 4),
});
const store = new HeldCredential('vector-store', client, log, (read) => database.takeIntoUse(read));

await liveAsService(orders, () => database.end());

again(Number(cacheTtlSeconds ?? 2) * 1000, () => store.refresh());
again(250, () => database.work('SELECT count(*) FROM pg_class'));
again(1000, async () => log.publish());
