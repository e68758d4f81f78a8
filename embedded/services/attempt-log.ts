import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { LineFile } from '../files/line-file.ts';

/** One use of a credential, as the service that made it saw it. Written down before any retry. */
export interface Attempt {
  /** When it had ended. */
  readonly at: string;
  /** When it began; absent where that took no time. */
  readonly began?: string;
  /**
   * A login at the database, a statement on a session, a call to an API, a notice whose signature was checked;
   * `read` is one of the vault's endpoint, or an ask for a lease.
   */
  readonly what: 'login' | 'statement' | 'call' | 'notice' | 'read';
  /** The public half of what was used: a role, a key id, the name of a signing key. */
  readonly key?: string;
  /** What it was leased as, where it was used by a lease. */
  readonly leasable?: string;
  /** Our end of the connection: by it the target's own log is matched. */
  readonly localPort?: number;
  /** The id of a notice, or of a call that a proxy has carried: by it the other side's own record is matched. */
  readonly id?: string;
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
  /** Reads of the vault's endpoint, or asks for a lease, that failed: the runtime may be down. What is held goes on being used. */
  readonly readsFailed: number;
  /** The version in use, by credential. */
  readonly using: Readonly<Record<string, string>>;
}

/** What became of one attempt. */
export type Outcome = Omit<Attempt, 'at' | 'began' | 'what'>;

/** Begins an attempt: the answer is called once, with what became of it. */
export type BeginAttempt = (what: Attempt['what']) => (outcome: Outcome) => void;

/** The same, for what is used by a lease. */
export const leasedAs = (
  leasable: string,
  log: { readonly begin: BeginAttempt },
): { readonly begin: BeginAttempt } => ({
  begin: (what) => {
    const note = log.begin(what);
    return (outcome) => note({ leasable, ...outcome });
  },
});

/**
 * Counts every attempt of any cause, and keeps each one on disk. Nothing here fails: a service that cannot write
 * its book goes on working, counts in memory, and writes the missing lines when there is room again.
 */
export class AttemptLog {
  readonly #name: string;
  readonly #folder: string;
  readonly #clock: () => Date;
  readonly #lines: LineFile;
  readonly #using: Record<string, string> = {};
  #served = 0;
  #failed = 0;
  #readsFailed = 0;

  constructor(name: string, folder: string, clock: () => Date) {
    this.#name = name;
    this.#folder = folder;
    this.#clock = clock;
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    this.#lines = new LineFile(join(folder, 'attempts.jsonl'));
  }

  begin(what: Attempt['what']): (outcome: Outcome) => void {
    const began = this.#clock().toISOString();
    return (outcome) => this.note({ began, what, ...outcome });
  }

  note(attempt: Omit<Attempt, 'at'>): void {
    const line: Attempt = { at: this.#clock().toISOString(), ...attempt };
    if (attempt.what === 'read') this.#readsFailed += attempt.outcome === 'failed' ? 1 : 0;
    // A notice that fails may be anybody's: whether it was Lockstep's is known where both books are compared.
    else if (attempt.outcome === 'served') this.#served += 1;
    else if (attempt.what !== 'notice') this.#failed += 1;
    this.#lines.append(line);
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
    this.#lines.flush();
    try {
      writeFileSync(`${path}.new`, JSON.stringify(status), { mode: 0o600 });
      renameSync(`${path}.new`, path);
    } catch {
      // A full disk: the next second tries again.
    }
  }
}
