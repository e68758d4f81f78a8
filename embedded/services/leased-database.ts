import type { HeldLease } from '../../client/access/held-lease.ts';
import type { DatabaseUser } from './database-user.ts';

/** A database used by a leased login: each lease has a login of its own, and so its own sessions. */
export class LeasedDatabase {
  readonly #database: Pick<DatabaseUser, 'takeIntoUse' | 'work' | 'end'>;
  #using: string | undefined;

  constructor(database: Pick<DatabaseUser, 'takeIntoUse' | 'work' | 'end'>) {
    this.#database = database;
  }

  /** One statement, by the login of the present lease. Throws `LEASE_OVER` where there is none. */
  async work(lease: Pick<HeldLease, 'use'>, sql: string): Promise<void> {
    await lease.use(async ({ id, value }) => {
      if (this.#using !== id) {
        await this.#database.takeIntoUse({ value });
        this.#using = id;
      }
      await this.#database.work(sql);
    });
  }

  end(): Promise<void> {
    return this.#database.end();
  }
}
