/**
 * A process of the bench: the proxy, with a lease of a broker in memory. Is told of the target, says after that how much
 * processor time it has taken whenever it is asked, and ends with its parent.
 */
import { randomBytes, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { HeldLease } from '../client/access/held-lease.ts';
import { realPause } from '../client/access/pause.ts';
import { EgressProxy } from '../client/proxy/egress-proxy.ts';
import { Tunnels } from '../client/proxy/tunnel.ts';
import type { EgressRule } from '../lambdas/core/access/access-inventory.ts';
import { MemoryBroker } from '../test/fakes/memory-broker.ts';

const [rule] = (await once(process, 'message')) as [EgressRule];
const clock = (): Date => new Date();
const elapsed = (): number => performance.now();
const broker = new MemoryBroker(clock, {
  models: {
    defaultSeconds: 3600,
    maximumSeconds: 3600,
    longestSeconds: 86_400,
    egress: [rule],
    value: () => ({ apiKey: 'sk-of-a-bench', accessKeyId: 'ASIABENCH', secretAccessKey: 'of-a-bench' }),
    purposes: ['bench'],
  },
});
const held = await HeldLease.take(
  { leasable: 'models' },
  {
    access: broker.connect('bench'),
    clock,
    elapsed,
    pause: realPause,
    newId: () => randomUUID(),
    tell: () => undefined,
  },
);
if (!(held instanceof HeldLease)) throw new TypeError('the lease waits for an approval');
const proxy = await EgressProxy.start({
  clock,
  elapsed,
  randomBytes: (length) => randomBytes(length),
  tunnels: new Tunnels([]),
  note: () => undefined,
});
const pass = proxy.open([held]);
const login = Buffer.from(`${pass.name}:${pass.secret.value.reveal()}`).toString('base64');
process.on('disconnect', () => process.exit());
process.on('message', () => process.send?.({ cpu: process.cpuUsage() }));
process.send?.({ port: proxy.port, ca: pass.authority.certificate, login: `Basic ${login}` });
