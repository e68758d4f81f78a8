/**
 * `summariser` of the example workspace: calls the model provider all the time, by a standing key. Here the provider is a
 * double on loopback. Told by webhook; acknowledges by itself, after a call with the new key has worked.
 */
import { AttemptLog } from './attempt-log.ts';
import { HeldCredential } from './held-credential.ts';
import { HeldSigningKey } from './held-signing-key.ts';
import { ModelCaller } from './model-caller.ts';
import { again, beginService, liveAsService } from './service-life.ts';
import { receiveNotices } from './webhook-receiver.ts';
import { WorkloadClient } from './workload-client.ts';

const orders = await beginService();
const log = new AttemptLog(orders.name, orders.folder, () => new Date());
const client = new WorkloadClient({ workload: orders.name, ...orders }, log);
const model = new ModelCaller(log, String(orders.settings['apiUrl'] ?? ''));
const key = new HeldCredential('openai-agents', client, log, (read) => model.takeIntoUse(read));
const hook = new HeldSigningKey('summariser-hook', client, log);

const server = await receiveNotices({
  port: orders.port ?? 0,
  keys: () => hook.keys(),
  onChecked: (id, isVerified) =>
    log.note({ what: 'notice', key: 'summariser-hook', id, outcome: isVerified ? 'served' : 'failed' }),
  onNotice: (notice) => {
    hook.follow(notice).catch(() => undefined);
    key.settle().catch(() => undefined);
  },
});
await liveAsService(orders, async () => {
  server.close();
});

again(2000, async () => {
  if (!key.using) await key.refresh();
  if (!hook.held.using) await hook.held.refresh();
});
again(3000, () => key.settle());
again(3000, () => hook.held.settle());
again(250, () => model.call());
again(1000, async () => log.publish());
