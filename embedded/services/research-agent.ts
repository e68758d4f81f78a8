/**
 * `research-agent` of the example workspace: holds no standing key of anything. It searches the vector store by a leased
 * login, and asks the model through the egress proxy, which puts the leased key into its requests: what asks the model is
 * given the proxy's port and the secret of a pass, and never sees a key.
 */
import { randomBytes } from 'node:crypto';
import type { HeldLease } from '../../client/access/held-lease.ts';
import { EgressProxy } from '../../client/proxy/egress-proxy.ts';
import { Tunnels } from '../../client/proxy/tunnel.ts';
import { AttemptLog, leasedAs } from './attempt-log.ts';
import { DatabaseUser } from './database-user.ts';
import { HeldLeases } from './held-leases.ts';
import { LeasedDatabase } from './leased-database.ts';
import { ProxiedModel } from './proxied-model.ts';
import { again, beginService, liveAsService } from './service-life.ts';

const MODEL = 'model-session';
const VECTORS = 'vector-reader';

const orders = await beginService();
const log = new AttemptLog(orders.name, orders.folder, () => new Date());
const leases = new HeldLeases(orders, log);
const proxy = await EgressProxy.start({
  clock: () => new Date(),
  elapsed: () => performance.now(),
  randomBytes: (length) => new Uint8Array(randomBytes(length)),
  tunnels: new Tunnels([]),
  note: () => undefined,
});
const vectors = new LeasedDatabase(
  new DatabaseUser(leasedAs(VECTORS, log), {
    applicationName: orders.name,
    poolSize: 2,
    poolLifetimeSeconds: 60,
  }),
);
let model: ProxiedModel | undefined;
let store: HeldLease | undefined;

await liveAsService(orders, async () => {
  await Promise.all([vectors.end(), leases.release()]);
  await proxy.stop();
});

const order = (leasable: string) => ({ leasable, purpose: 'answer-questions' });
// Until there is one of each: from then on they are held alive by themselves.
again(2000, async () => {
  store ??= await leases.of(order(VECTORS));
});
again(2000, async () => {
  model ??= modelThrough(await leases.of(order(MODEL)));
});
again(250, async () => {
  if ((await model?.call()) === 'no lease') leases.noteMissing(MODEL);
});
again(250, async () => {
  if (store) await vectors.work(store, 'SELECT count(*) FROM pg_class');
});
again(1000, async () => log.publish());

function modelThrough(lease: HeldLease): ProxiedModel {
  const pass = proxy.open([lease]);
  const door = { port: proxy.port, login: `${pass.name}:${pass.secret.value.reveal()}` };
  return new ProxiedModel(leasedAs(MODEL, log), apiIn(lease), door);
}

/** Where the lease may be used, as its rules say. */
function apiIn({ egress }: HeldLease): URL {
  const [rule] = egress;
  if (!rule) throw new TypeError(`no rule says where ${MODEL} may be used`);
  return new URL(rule.paths[0] ?? '/', `http://${rule.host}:${rule.port}`);
}
