import { randomBytes } from 'node:crypto';
import type { HeldLease } from '../../client/access/held-lease.ts';
import { EgressProxy } from '../../client/proxy/egress-proxy.ts';
import { Tunnels } from '../../client/proxy/tunnel.ts';
import { leasedAs, type AttemptLog } from './attempt-log.ts';
import { DatabaseUser } from './database-user.ts';
import type { HeldLeases } from './held-leases.ts';
import { LeasedDatabase } from './leased-database.ts';
import { ProxiedModel } from './proxied-model.ts';

const MODEL = 'model-session';
const VECTORS = 'vector-reader';

/** How an agent is set up. */
export interface AgentSetup {
  readonly name: string;
  readonly leases: HeldLeases;
  readonly log: AttemptLog;
  /** How long its leases are asked for; as the inventory says where absent. */
  readonly ttlSeconds?: number;
  /** The authority that the database's certificate is checked by; absent where it speaks no TLS. */
  readonly databaseCa?: string;
}

/**
 * An agent without a standing key of anything. It searches the vector store by a leased login, and asks the model through
 * an egress proxy, which puts the leased key into its requests: what asks the model is given the proxy's port, the secret
 * of a pass and an authority to trust, and never sees a key.
 */
export class LeasingAgent {
  readonly #setup: AgentSetup;
  readonly #proxy: EgressProxy;
  readonly #vectors: LeasedDatabase;
  #model: ProxiedModel | undefined;
  #store: HeldLease | undefined;

  private constructor(setup: AgentSetup, proxy: EgressProxy) {
    const { name, log, databaseCa } = setup;
    this.#setup = setup;
    this.#proxy = proxy;
    this.#vectors = new LeasedDatabase(
      new DatabaseUser(leasedAs(VECTORS, log), {
        applicationName: name,
        poolSize: 2,
        poolLifetimeSeconds: 60,
        ...(databaseCa === undefined ? {} : { ca: databaseCa }),
      }),
    );
  }

  static async start(setup: AgentSetup): Promise<LeasingAgent> {
    const proxy = await EgressProxy.start({
      clock: () => new Date(),
      elapsed: () => performance.now(),
      randomBytes: (length) => new Uint8Array(randomBytes(length)),
      tunnels: new Tunnels([]),
      note: () => undefined,
    });
    return new LeasingAgent(setup, proxy);
  }

  /** Takes the lease of the vector store, unless it has one: from then on it is held alive. Throws what the broker refuses with. */
  async holdVectors(): Promise<void> {
    this.#store ??= await this.#setup.leases.of(this.#order(VECTORS));
  }

  /** The same for the model. */
  async holdModel(): Promise<void> {
    this.#model ??= this.#modelThrough(await this.#setup.leases.of(this.#order(MODEL)));
  }

  /** Searches once, if it has a lease for it. */
  async search(): Promise<void> {
    if (this.#store) await this.#vectors.work(this.#store, 'SELECT count(*) FROM pg_class');
  }

  /** Asks the model once, if it has a lease for it. */
  async ask(): Promise<void> {
    if ((await this.#model?.call()) === 'no lease') this.#setup.leases.noteMissing(MODEL);
  }

  /** Gives everything back. */
  async end(): Promise<void> {
    await Promise.all([this.#vectors.end(), this.#setup.leases.release()]);
    await this.#proxy.stop();
  }

  #order(leasable: string) {
    const { ttlSeconds } = this.#setup;
    return { leasable, purpose: 'answer-questions', ...(ttlSeconds === undefined ? {} : { ttlSeconds }) };
  }

  #modelThrough(lease: HeldLease): ProxiedModel {
    const pass = this.#proxy.open([lease]);
    const login = `${pass.name}:${pass.secret.value.reveal()}`;
    const door = { port: this.#proxy.port, login, authority: pass.authority.certificate };
    return new ProxiedModel(leasedAs(MODEL, this.#setup.log), apiIn(lease), door);
  }
}

/** Where the lease may be used, as its rules say. On this machine there is no TLS. */
function apiIn({ egress }: HeldLease): URL {
  const [rule] = egress;
  if (!rule) throw new TypeError(`no rule says where ${MODEL} may be used`);
  const scheme = rule.network === 'loopback' ? 'http' : 'https';
  return new URL(rule.paths[0] ?? '/', `${scheme}://${rule.host}:${rule.port}`);
}
