import { InvalidArgumentError, type Command } from 'commander';
import type { HolderPorts } from '../client/access/lease-order.ts';
import type { EgressProxy } from '../client/proxy/egress-proxy.ts';
import { accessPlaceOf, type AccessOptions } from './access-options.ts';
import type { Invocation } from './invocation.ts';
import { isTrouble, newsText, noteText } from './output/proxy-text.ts';

/** How the proxy is opened, besides who asks. */
export interface ProxyOptions extends AccessOptions {
  readonly tunnel?: readonly string[];
  readonly port?: number;
  readonly verbose?: boolean;
}

/** Adds the options of the proxy to a command. */
export const withProxyOptions = (command: Command): Command =>
  command
    .option(
      '--tunnel <host...>',
      'hosts that go through untouched: host, host:port, or * for every public one',
    )
    .option('--port <number>', 'the port of the proxy (default: any that is free)', portNumber)
    .option('--verbose', 'a line for each request, not only for those that are refused');

function portNumber(text: string): number {
  if (/^[1-9]\d{0,4}$/.test(text) && Number(text) <= 65_535) return Number(text);
  throw new InvalidArgumentError('a port is expected, from 1 to 65535');
}

/** A proxy, and what its leases are held by. */
export interface OpenedProxy {
  readonly proxy: EgressProxy;
  readonly ports: HolderPorts;
  /** Aborts when somebody ends this process. */
  readonly stop: AbortSignal;
}

/** Opens the way to the broker, and a proxy. Loaded then: the other commands need neither. Everything is told on standard error. */
export async function openProxy(invocation: Invocation<ProxyOptions>): Promise<OpenedProxy> {
  const { options, surroundings } = invocation;
  const { clock, newId, serving } = surroundings;
  const say = (line: string): void => invocation.remark(line);
  // Before anything is held.
  const stop = serving.stopping();
  const access = await serving.openAccess(accessPlaceOf(invocation));
  const [{ EgressProxy: Proxy }, { Tunnels }] = await Promise.all([
    import('../client/proxy/egress-proxy.ts'),
    import('../client/proxy/tunnel.ts'),
  ]);
  const proxy = await Proxy.start({
    clock,
    elapsed: serving.elapsed,
    randomBytes: serving.randomBytes,
    tunnels: new Tunnels(options.tunnel ?? []),
    ...(options.port === undefined ? {} : { port: options.port }),
    note: (note) => {
      if (options.verbose || isTrouble(note)) say(noteText(note));
    },
  });
  const { elapsed, pause } = serving;
  const ports = {
    access,
    clock,
    elapsed,
    pause,
    newId,
    tell: (news) => say(newsText(news)),
  } satisfies HolderPorts;
  return { proxy, ports, stop };
}
