import { appendFileSync, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** One use of a credential, as the service that made it saw it. Written down before any retry. */
export interface Attempt {
  readonly at: string;
  /** A login at the database, a statement on a session, a call to an API; `read` is one of the vault's endpoint. */
  readonly what: 'login' | 'statement' | 'call' | 'read';
  /** The public half of what was used: a role, a key id. */
  readonly key?: string;
  /** Our end of the connection: by it the target's own log is matched. */
  readonly localPort?: number;
  readonly outcome: 'served' | 'failed';
  /** A code, never a text. */
  readonly code?: string;
}

/** How a service stands, for whoever looks on. */
export interface ServiceStatus {
  readonly name: string;
  readonly at: string;
  readonly served: number;
  readonly failed: number;
  /** Reads of the vault's endpoint that failed: the runtime may be down, and the last good value goes on being used. */
  readonly readsFailed: number;
  /** The version in use, by credential. */
  readonly using: Readonly<Record<string, string>>;
}

/** Counts every attempt of any cause, and keeps each one on disk. */
export class AttemptLog {
  readonly #name: string;
  readonly #folder: string;
  readonly #clock: () => Date;
  readonly #using: Record<string, string> = {};
  #served = 0;
  #failed = 0;
  #readsFailed = 0;

  constructor(name: string, folder: string, clock: () => Date) {
    this.#name = name;
    this.#folder = folder;
    this.#clock = clock;
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  }

  note(attempt: Omit<Attempt, 'at'>): void {
    const line: Attempt = { at: this.#clock().toISOString(), ...attempt };
    if (attempt.what === 'read') this.#readsFailed += attempt.outcome === 'failed' ? 1 : 0;
    else if (attempt.outcome === 'served') this.#served += 1;
    else this.#failed += 1;
    appendFileSync(join(this.#folder, 'attempts.jsonl'), `${JSON.stringify(line)}\n`, { mode: 0o600 });
  }

  uses(credential: string, version: string): void {
    this.#using[credential] = version;
    this.publish();
  }

  /** Shows how the service stands; replaced whole, so that a reader never sees half of it. */
  publish(): void {
    const status: ServiceStatus = {
      name: this.#name,
      at: this.#clock().toISOString(),
      served: this.#served,
      failed: this.#failed,
      readsFailed: this.#readsFailed,
      using: this.#using,
    };
    const path = join(this.#folder, 'status.json');
    writeFileSync(`${path}.new`, JSON.stringify(status), { mode: 0o600 });
    renameSync(`${path}.new`, path);
  }
}
