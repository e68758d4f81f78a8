import type { Dependent } from '../credential.ts';
import type { Change } from '../events.ts';
import type { Instant } from '../time.ts';

/** What a dependent is told. Ids and versions; the value it fetches by itself, as itself. */
export interface Notice {
  /** Repeats with every delivery of the same change: what a receiver deduplicates on. */
  readonly id: string;
  readonly at: Instant;
  readonly environment: string;
  readonly credential: string;
  readonly kind: string;
  readonly rotation: string;
  readonly change: Change;
  readonly version: string;
  readonly replaces?: string;
  readonly dependent: string;
  readonly expectation?: { readonly id: string; readonly nonce: string };
}

/** `told`: the message was accepted, which proves nothing about adoption. `nothing-to-tell`: this kind asks by itself. */
export type Told = 'told' | 'nothing-to-tell';

/**
 * Tells one kind of dependent that something changed. May run again with the same notice.
 * Errors: `DEPENDENT_UNREACHABLE` try again (with `retryAfterSeconds` where the receiver said so);
 * `DEPENDENT_REFUSED` it will not take it, ever.
 */
export interface Propagator {
  tell(dependent: Dependent, notice: Notice): Promise<Told>;
}
