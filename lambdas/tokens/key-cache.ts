import type { Issuer } from '../core/access/access-inventory.ts';
import { isLockstepError, LockstepError } from '../core/errors.ts';
import type { Clock } from '../core/time.ts';
import type { KeySet } from './read-keys.ts';

/** How old keys may be until they are read again when somebody needs them. */
const FRESH_SECONDS = 300;
/** How old they may be at most, when they cannot be read again: a key that its issuer took back works no longer than that. */
const LONGEST_SECONDS = 900;
/** Between two readings that a token with an unknown key can cause. Strangers can send any number of those. */
const COOL_DOWN_SECONDS = 30;
/** Between two attempts while an issuer cannot be reached. */
const RETRY_SECONDS = 5;

/** What a cache needs. */
export interface KeyCachePorts {
  readonly read: (issuer: Issuer) => Promise<KeySet>;
  readonly clock: Clock;
  /** An issuer's keys were read, or could not be: for the log of whoever runs this, since the asker is told no more than that. */
  readonly onRead?: (issuer: string, failure?: LockstepError) => void;
}

/**
 * The keys of one issuer, in memory. Read when they are needed, shared by whoever waits for the same reading, and read
 * again for a key that is not there: so a key that an issuer begins to use is known at once, and a flood of made-up ones
 * costs one reading in a while.
 */
export class KeyCache {
  readonly #issuer: Issuer;
  readonly #ports: KeyCachePorts;
  #held: { readonly keys: KeySet; readonly at: number } | undefined;
  #last: { readonly at: number; readonly failed: boolean } | undefined;
  #reading: Promise<void> | undefined;

  constructor(issuer: Issuer, ports: KeyCachePorts) {
    this.#issuer = issuer;
    this.#ports = ports;
  }

  /** The keys to verify by. Throws `ISSUER_UNREACHABLE` where none are known that are young enough. */
  async current(): Promise<KeySet> {
    if (this.#heldWithin(FRESH_SECONDS) === undefined) await this.#readAgain();
    const keys = this.#heldWithin(LONGEST_SECONDS);
    if (keys) return keys;
    throw new LockstepError(
      'ISSUER_UNREACHABLE',
      'the keys of the token’s issuer cannot be read now, and nobody is let in without them',
      { retryAfterSeconds: RETRY_SECONDS },
    );
  }

  /** The keys for a token whose key was not among the current ones: newer ones, if they may be read by now. */
  async newest(): Promise<KeySet> {
    await this.#readAgain();
    return this.current();
  }

  /** Reads once, for everybody who waits, and no sooner than allowed. A failure is remembered, and leaves what is held. */
  async #readAgain(): Promise<void> {
    if (!this.#reading && !this.#mayRead()) return;
    this.#reading ??= this.#read().finally(() => (this.#reading = undefined));
    await this.#reading;
  }

  async #read(): Promise<void> {
    this.#last = { at: this.#now(), failed: true };
    const failure = await this.#ports.read(this.#issuer).then(
      (keys) => this.#hold(keys),
      (error: unknown) => {
        if (isLockstepError(error, 'ISSUER_UNREACHABLE')) return error;
        throw error;
      },
    );
    this.#last = { at: this.#now(), failed: failure !== undefined };
    this.#ports.onRead?.(this.#issuer.name, failure);
  }

  #hold(keys: KeySet): undefined {
    this.#held = { keys, at: this.#now() };
  }

  #mayRead(): boolean {
    if (!this.#last) return true;
    const since = this.#now() - this.#last.at;
    // A clock that was put back must not keep us from reading until it has caught up.
    return since < 0 || since >= (this.#last.failed ? RETRY_SECONDS : COOL_DOWN_SECONDS);
  }

  #heldWithin(seconds: number): KeySet | undefined {
    if (!this.#held) return undefined;
    const age = this.#now() - this.#held.at;
    return age >= 0 && age < seconds ? this.#held.keys : undefined;
  }

  #now(): number {
    return this.#ports.clock().getTime() / 1000;
  }
}
