import type { Instant } from '../time.ts';
import type { ListedLeases } from './leaser.ts';
import type { Secret } from '../secret.ts';

/**
 * What the lease function of a kind can be asked. It loads what it needs from the inventory and the vault by itself,
 * so no command can make it act on what its caller made up: a command names a leasable and a lease.
 */
export interface LeaseCommands {
  issue: {
    readonly asks: {
      readonly lease: string;
      readonly fence: number;
      readonly holder: string;
      readonly purpose: string;
      readonly expiresAt: Instant;
      /** From then on it makes nothing: no later than the moment at which an unanswered issue is given up and ended. */
      readonly notAfter: Instant;
      /** For kinds that exchange the holder's token. */
      readonly proof?: Secret;
    };
    readonly answers: { readonly key: string; readonly value: Secret; readonly expiresAt?: Instant };
  };
  renew: {
    readonly asks: { readonly lease: string; readonly fence: number; readonly expiresAt: Instant };
    readonly answers: Readonly<Record<never, never>>;
  };
  /** Ends it, and asks the target whether it is refused now. */
  end: {
    readonly asks: { readonly lease: string; readonly fence: number };
    readonly answers: { readonly refused: 'refused' | 'accepted' | 'unknown' };
  };
  /** Asks the target whether it is refused, and changes nothing. */
  'is-refused': {
    readonly asks: { readonly lease: string; readonly fence: number };
    readonly answers: { readonly refused: 'refused' | 'accepted' | 'unknown' };
  };
  'list-ours': {
    readonly asks: { readonly after?: string };
    readonly answers: ListedLeases;
  };
  /** Proves the value of the authority that the leasable is made by; `version` where it is not the current one. */
  'prove-authority': {
    readonly asks: { readonly version?: string };
    readonly answers: { readonly works: true };
  };
}

export type LeaseCommandName = keyof LeaseCommands;

/** One command, in the process that gives it. On the wire a `Secret` is its text, in the answer of `issue` and nowhere else. */
export type LeaseCommand = {
  readonly [C in LeaseCommandName]: { readonly do: C; readonly leasable: string } & LeaseCommands[C]['asks'];
}[LeaseCommandName];

/**
 * Addresses the lease function of a kind. The only way to a target for the broker and the sweeper.
 *
 * Errors: the `LockstepError` that the function threw; `TARGET_UNREACHABLE` where the function itself could not be
 * reached or gave no answer (its effect is then unknown).
 */
export interface LeaseFunctions {
  call<C extends LeaseCommandName>(
    kind: string,
    command: { readonly do: C; readonly leasable: string } & LeaseCommands[C]['asks'],
  ): Promise<LeaseCommands[C]['answers']>;
}
