import type { AccessReplies } from '../access/access-connection.ts';
import { HeldLease } from '../access/held-lease.ts';
import type { HolderPorts, LeaseOrder, WaitingRequest } from '../access/lease-order.ts';
import type { EgressProxy } from '../proxy/egress-proxy.ts';
import { servePass, type ServedPass } from '../proxy/served-pass.ts';
import type { Trusting } from '../proxy/pass-files.ts';
import { LockstepError } from '../../lambdas/core/errors.ts';
import type { Instant } from '../../lambdas/core/time.ts';

/** What the desk works with. */
export interface DeskPorts {
  readonly ports: HolderPorts;
  readonly proxy: EgressProxy;
  readonly environment: Trusting;
}

/** A lease as an agent knows it: by a handle, and by how it is used. There is no field for a value. */
export interface DeskLease {
  readonly handle: string;
  readonly leasable: string;
  readonly purpose: string;
  /** `over`: requests are refused. */
  readonly state: 'live' | 'over';
  /** As far as it reaches now; it is renewed before. */
  readonly expiresAt: Instant;
  /** It is never renewed beyond this; another one takes its place, if policy gives one. */
  readonly longestUntil: Instant;
  readonly hosts: readonly string[];
  /** The proxy without the secret of the pass, which is in the file. */
  readonly proxy: string;
  /** A file to be read by a shell before a program is started: `set -a; . <path>`. */
  readonly settingsFile: string;
  /** The certificate of the authority to trust. */
  readonly authorityFile: string;
}

/** What came of a request. */
export type DeskAnswer =
  | { readonly status: 'leased'; readonly lease: DeskLease }
  /** The same request, with this approval, is to be made again when people have decided. */
  | { readonly status: 'approval-needed'; readonly approval: string; readonly expiresAt: Instant };

/** Hands out leases to an agent, as handles. Each has a pass of its own. Values stay where the proxy is. */
export class LeaseDesk {
  readonly #desk: DeskPorts;
  readonly #handed = new Map<string, { readonly held: HeldLease; readonly served: ServedPass }>();
  readonly #waiting = new Map<string, { readonly order: LeaseOrder; readonly request: WaitingRequest }>();
  readonly #leaving = new AbortController();

  constructor(desk: DeskPorts) {
    this.#desk = desk;
  }

  /** Who asks, and what it could be leased now: what has no place where the proxy may use it is none of that. */
  async offers(): Promise<Omit<AccessReplies['whoami'], 'throughProxy' | 'byBreakingGlass'>> {
    // No model is offered to break the glass.
    const { throughProxy, byBreakingGlass: _glass, ...who } = await this.#desk.ports.access.ask('whoami', {});
    return { ...who, leasables: throughProxy };
  }

  /**
   * Takes a lease, or answers what it waits for. Errors: what the broker refuses with; `APPROVAL_REFUSED` for an approval
   * of another request; `COMMAND_INVALID` for what cannot be used through the proxy.
   */
  async request(order: LeaseOrder, approval?: string): Promise<DeskAnswer> {
    const known = approval === undefined ? undefined : this.#waitingFor(order, approval);
    const taken = await HeldLease.take({ ...order, through: 'proxy' }, this.#desk.ports, known);
    if (!(taken instanceof HeldLease)) {
      this.#waiting.set(taken.approval, { order, request: taken });
      return { status: 'approval-needed', approval: taken.approval, expiresAt: taken.expiresAt };
    }
    if (approval !== undefined) this.#waiting.delete(approval);
    const { proxy, environment } = this.#desk;
    const served = await servePass(proxy, [taken], environment);
    const handle = served.pass.name;
    this.#handed.set(handle, { held: taken, served });
    // Whoever asked may have gone in the meantime.
    if (this.#leaving.signal.aborted) await this.release(handle);
    return { status: 'leased', lease: this.#seen(handle, taken, served) };
  }

  /** The leases that were handed out and not given back. */
  list(): readonly DeskLease[] {
    return [...this.#handed].map(([handle, { held, served }]) => this.#seen(handle, held, served));
  }

  /** Gives a lease back: what is under way by it is cut off. Throws `UNKNOWN_LEASE`. */
  async release(handle: string): Promise<void> {
    const handed = this.#handed.get(handle);
    if (!handed)
      throw new LockstepError(
        'UNKNOWN_LEASE',
        'no lease of this session has that handle; list_leases has them',
      );
    this.#handed.delete(handle);
    await handed.served.close(this.#leaving.signal);
  }

  /** Gives all of them back. */
  async close(): Promise<void> {
    this.#leaving.abort();
    await Promise.all([...this.#handed.keys()].map((handle) => this.release(handle)));
  }

  #waitingFor({ leasable, purpose, ttlSeconds }: LeaseOrder, approval: string): WaitingRequest {
    const known = this.#waiting.get(approval);
    const isSame =
      known?.order.leasable === leasable &&
      known.order.purpose === purpose &&
      known.order.ttlSeconds === ttlSeconds;
    if (known && isSame) return known.request;
    throw new LockstepError(
      'APPROVAL_REFUSED',
      'that approval is of no request of this session, or of another one: an approval is for exactly the request that it was asked for',
    );
  }

  #seen(handle: string, held: HeldLease, { files }: ServedPass): DeskLease {
    const { leasable, purpose, expiresAt, longestUntil } = held.view;
    const hosts = held.egress.map(({ host, port }) => (port === 443 ? host : `${host}:${port}`));
    return {
      handle,
      leasable,
      purpose,
      state: held.isOver ? 'over' : 'live',
      expiresAt,
      longestUntil,
      hosts: [...new Set(hosts)],
      proxy: `http://127.0.0.1:${this.#desk.proxy.port}`,
      settingsFile: files.settingsFile,
      authorityFile: files.authorityFile,
    };
  }
}
