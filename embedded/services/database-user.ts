import { Pool, type Client } from 'pg';
import type { BeginAttempt } from './attempt-log.ts';
import { clientConfig, codeOf, countedClient, parseLogin, type Login } from './counted-client.ts';
import type { ReadVersion } from './workload-client.ts';

/** How a service uses the database. */
export interface DatabaseUse {
  readonly applicationName: string;
  readonly poolSize: number;
  /** The longest a pooled session is kept, in seconds. */
  readonly poolLifetimeSeconds: number;
  /** The authority that the server's certificate is checked by; without one nothing is encrypted, as on this machine. */
  readonly ca?: string;
}

/** A service's way into the database: a pool, and single connections beside it. Every login and statement is counted. */
export class DatabaseUser {
  readonly #log: { readonly begin: BeginAttempt };
  readonly #use: DatabaseUse;
  readonly #CountedClient: typeof Client;
  #login: Login | undefined;
  #pool: Pool | undefined;

  constructor(log: { readonly begin: BeginAttempt }, use: DatabaseUse) {
    this.#log = log;
    this.#use = use;
    this.#CountedClient = countedClient(log);
  }

  /**
   * Takes a new login into use: a pool of its own is proved by a statement, then takes the old one's place, and
   * the old one's sessions are closed. Returns when nothing here uses the old login any more.
   */
  async takeIntoUse({ value }: Pick<ReadVersion, 'value'>): Promise<void> {
    const login = parseLogin(value.reveal());
    const pool = this.#newPool(login);
    try {
      await this.#counted(login.username, () => pool.query('SELECT 1'));
    } catch (error) {
      await pool.end();
      throw error;
    }
    const before = this.#pool;
    [this.#pool, this.#login] = [pool, login];
    await before?.end();
  }

  /** One statement on the pool. */
  async work(sql: string): Promise<void> {
    const [pool, key] = [this.#pool, this.#login?.username];
    if (!pool || key === undefined) return;
    await this.#counted(key, () => pool.query(sql));
  }

  /** One connection of its own, as a new process would make it. */
  async connectAnew(sql: string): Promise<void> {
    const login = this.#login;
    if (!login) return;
    const client = new this.#CountedClient(clientConfig(login, this.#use));
    client.on('error', () => undefined);
    try {
      await client.connect();
      await this.#counted(login.username, () => client.query(sql));
    } finally {
      await client.end().catch(() => undefined);
    }
  }

  async end(): Promise<void> {
    await this.#pool?.end();
  }

  /** A login that a statement waits for counts by itself; a statement that has none counts as failed with it. */
  async #counted(key: string, ask: () => Promise<unknown>): Promise<void> {
    const note = this.#log.begin('statement');
    try {
      await ask();
      note({ key, outcome: 'served' });
    } catch (error) {
      note({ key, outcome: 'failed', code: codeOf(error) });
      throw error;
    }
  }

  #newPool(login: Login): Pool {
    const { poolSize, poolLifetimeSeconds } = this.#use;
    const pool = new Pool({
      ...clientConfig(login, this.#use),
      max: poolSize,
      maxLifetimeSeconds: poolLifetimeSeconds,
      idleTimeoutMillis: poolLifetimeSeconds * 1000,
      Client: this.#CountedClient,
    });
    // An idle session that breaks is replaced by the pool; the next statement shows whether that worked.
    pool.on('error', () => undefined);
    return pool;
  }
}
