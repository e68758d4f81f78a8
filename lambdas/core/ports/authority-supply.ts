import type { LeaseAuthority, Leasable } from '../access/access-inventory.ts';
import type { Secret } from '../secret.ts';
import type { RandomBytes } from './ids.ts';

/** A new value of a lease authority, and how it gets to its target. */
export interface SuppliedValue {
  /** For the vault. */
  readonly value: Secret;
  /**
   * What an administrator runs at the target so that the value works. It carries a verifier, with which nobody can log
   * in: it may be shown, sent and written down.
   */
  readonly statements: readonly string[];
}

/**
 * How a person gives a kind's lease authority a new value (`lockstep supply`). Neither way reaches the target or the
 * vault, reads a clock or keeps anything.
 */
export type AuthoritySupply =
  | {
      /** The value is made here, and the target gets a verifier of it. */
      readonly how: 'made-here';
      make(authority: LeaseAuthority, randomBytes: RandomBytes): Promise<SuppliedValue>;
      /**
       * What an administrator runs once at the target before the first value: makes the authority, with the rights that
       * these leasables need and no others. Lines that begin with `--` or `#` are for people.
       */
      preparation(authority: LeaseAuthority, leasables: readonly Leasable[]): readonly string[];
    }
  | {
      /** The value was made at the provider, and a person pastes it. */
      readonly how: 'pasted';
      /** What to paste, for the prompt. */
      readonly asksFor: string;
      /** The value for the vault. Throws `VALUE_MALFORMED`, which quotes nothing. */
      read(authority: LeaseAuthority, pasted: Secret): Secret;
    };
