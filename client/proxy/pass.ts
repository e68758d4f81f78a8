import type { Duplex } from 'node:stream';
import { LockstepError } from '../../lambdas/core/errors.ts';
import type { HeldLease } from '../access/held-lease.ts';
import type { Authority } from './authority.ts';
import { rulesFor } from './egress-match.ts';
import { PassAuthority, type PassAuthorityPorts } from './pass-authority.ts';
import { PassSecret } from './pass-secret.ts';
import type { Upstream } from './upstream.ts';

/**
 * Leave to use some leases through the proxy, for whoever shows its secret. The secret is no key of anything, is good for
 * this proxy alone, and ends with it.
 */
export class Pass {
  readonly name: string;
  readonly secret: PassSecret;
  readonly leases: readonly HeldLease[];
  readonly authority: PassAuthority;
  readonly upstream: Upstream;
  readonly #sockets = new Set<Duplex>();

  /** Throws `COMMAND_INVALID` for leases that no request could use, or that a request could not tell apart. */
  constructor(name: string, leases: readonly HeldLease[], upstream: Upstream, ports: PassAuthorityPorts) {
    this.name = name;
    this.leases = leases;
    this.upstream = upstream;
    this.secret = new PassSecret(ports.randomBytes);
    this.authority = new PassAuthority(name, hostsOf(leases), ports);
  }

  /** The lease that has a rule for a place. */
  leaseFor(place: Authority): HeldLease | undefined {
    return this.leases.find(({ egress }) => rulesFor(egress, place).length > 0);
  }

  /** Whether a rule says that a place is on this machine, where nothing can be read on the way. */
  isForThisMachine(place: Authority): boolean {
    const rules = this.leaseFor(place)?.egress ?? [];
    return rulesFor(rules, place).some(({ network }) => network === 'loopback');
  }

  /** Keeps a connection until it is closed, by either side or with the pass. */
  keep(socket: Duplex): void {
    if (this.#sockets.has(socket)) return;
    this.#sockets.add(socket);
    socket.once('close', () => this.#sockets.delete(socket));
  }

  /** Ends every connection, also those in the middle of an answer. */
  close(): void {
    for (const socket of this.#sockets) socket.destroy();
    this.upstream.close();
  }
}

/** The hosts that the leases may be used at. */
function hostsOf(leases: readonly HeldLease[]): readonly string[] {
  const places = new Map<string, string>();
  for (const { leasable, egress } of leases) {
    if (egress.length === 0)
      throw new LockstepError(
        'COMMAND_INVALID',
        `the inventory names no place where ${leasable} may be used through the proxy`,
      );
    const own = new Set(egress.map(({ host, port }) => `${host.toLowerCase()}:${port}`));
    for (const place of own) {
      const other = places.get(place);
      if (other !== undefined)
        throw new LockstepError(
          'COMMAND_INVALID',
          `${other} and ${leasable} are both for ${place}, and a request could not say which it means; use them one by one`,
        );
      places.set(place, leasable);
    }
  }
  return [...new Set(leases.flatMap(({ egress }) => egress.map(({ host }) => host.toLowerCase())))];
}
