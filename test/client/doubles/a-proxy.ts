import { randomBytes } from 'node:crypto';
import { HeldLease } from '../../../client/access/held-lease.ts';
import type { LeaseNews } from '../../../client/access/lease-order.ts';
import { EgressProxy, type ProxyNote } from '../../../client/proxy/egress-proxy.ts';
import type { Pass } from '../../../client/proxy/pass.ts';
import { Tunnels } from '../../../client/proxy/tunnel.ts';
import type { EgressRule } from '../../../lambdas/core/access/access-inventory.ts';
import type { Resolve } from '../../../lambdas/outbound/checked-place.ts';
import { countedIds } from '../../fakes/counted-ids.ts';
import { FakeClock } from '../../fakes/fake-clock.ts';
import { MemoryBroker, type FakeLeasable } from '../../fakes/memory-broker.ts';
import type { Target } from './a-target.ts';

/** A key that must be seen by targets alone. It says which lease it is of. */
export const keyOf = (lease: string): string => `sk-canary-${lease}`;

/** What a proxy in a test is started with. */
export interface ProxyWorldOptions {
  /** What can be leased. */
  readonly leasables: Readonly<Record<string, Partial<FakeLeasable>>>;
  readonly tunnels?: readonly string[];
  readonly resolve?: Resolve;
  readonly connectMilliseconds?: number;
  readonly maximumSeconds?: number;
}

/** A proxy, a broker in memory, and time that the test owns. The proxy's own connections are real. */
export interface ProxyWorld {
  readonly proxy: EgressProxy;
  readonly broker: MemoryBroker;
  readonly clock: FakeClock;
  readonly notes: ProxyNote[];
  readonly news: LeaseNews[];
  /** Leases one, and holds it. */
  lease(name: string): Promise<HeldLease>;
  /** A pass for some. */
  pass(...names: readonly string[]): Promise<Pass>;
  close(): Promise<void>;
}

const LEASABLE: FakeLeasable = {
  defaultSeconds: 900,
  maximumSeconds: 3600,
  longestSeconds: 86_400,
  egress: [],
  value: (lease) => ({ apiKey: keyOf(lease) }),
  purposes: ['research'],
};

/** Names of a test resolve to loopback. */
const toLoopback: Resolve = async () => [{ address: '127.0.0.1', family: 4 }];

/** Starts it. */
export async function aProxyWorld(options: ProxyWorldOptions): Promise<ProxyWorld> {
  const clock = new FakeClock();
  const leasables = Object.entries(options.leasables).map(([name, each]) => [name, { ...LEASABLE, ...each }]);
  const broker = new MemoryBroker(clock.now, Object.fromEntries(leasables) as Record<string, FakeLeasable>);
  const [notes, news, held]: [ProxyNote[], LeaseNews[], HeldLease[]] = [[], [], []];
  const proxy = await EgressProxy.start({
    tunnels: new Tunnels(options.tunnels ?? []),
    clock: () => new Date(),
    elapsed: () => performance.now(),
    randomBytes: (length) => randomBytes(length),
    resolve: options.resolve ?? toLoopback,
    connectMilliseconds: options.connectMilliseconds ?? 20_000,
    note: (note) => void notes.push(note),
  });
  const ports = {
    access: broker.connect('agent:research'),
    clock: clock.now,
    elapsed: clock.elapsed,
    pause: clock.sleep,
    newId: countedIds(),
    tell: (each: LeaseNews) => void news.push(each),
  };
  const lease = async (leasable: string): Promise<HeldLease> => {
    const taken = await HeldLease.take({ leasable }, ports);
    if (!(taken instanceof HeldLease)) throw new TypeError('the lease waits for an approval');
    held.push(taken);
    return taken;
  };
  return {
    proxy,
    broker,
    clock,
    notes,
    news,
    lease,
    pass: async (...names) => proxy.open(await Promise.all(names.map(lease))),
    close: async () => {
      await proxy.stop();
      await Promise.all(held.map((each) => each.release().catch(() => undefined)));
    },
  };
}

/** A rule for a target of a test. */
export const ruleOfTarget = ({ host, port, ca }: Target, change: Partial<EgressRule> = {}): EgressRule => ({
  host,
  port,
  network: 'loopback',
  ca,
  paths: ['/'],
  methods: ['GET', 'POST', 'PUT', 'DELETE', 'HEAD', 'PATCH', 'OPTIONS'],
  put: { into: 'header', name: 'Authorization', prefix: 'Bearer ', field: 'apiKey' },
  ...change,
});
