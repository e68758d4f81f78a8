import type { Instant } from '../time.ts';

/**
 * Where a lease is found again (family `lease-index`; partition: `holder:<caller key>` or `leasable:<name>`; row id: the
 * lease). One partition may hold any number: it is read by pages.
 */
export interface LeaseIndex {
  readonly leasable: string;
  readonly holder: string;
  readonly expiresAt: Instant;
  /** True once the lease has ended; the row goes some time after that. */
  readonly isOver: boolean;
}

/**
 * A lease that something has to be done about (family `lease-due`; partition: the minute, `2026-11-28T16:40`; row id:
 * the lease). Written in the same commit as the lease, so that no crash can leave a lease that nobody ends.
 */
export interface LeaseDue {
  readonly leasable: string;
  /** Tier of what was leased: the dangerous ones are ended first. */
  readonly tier: number;
  readonly isDone: boolean;
}

/** The minute that nobody has to look before (family `lease-swept`; partition: `all`; row id: `minute`). */
export interface LeaseSwept {
  readonly minute: string;
}

/**
 * How much of a limit is used (family `lease-quota`; partition: `holder:<caller key>` or `leasable:<name>`; row id:
 * `live` or `rate`). Changes in the commit that changes the lease, so that the two cannot part.
 */
export interface LeaseQuota {
  readonly live: number;
  /** For `rate`: when the next lease may begin, by holder, and overall. */
  readonly next?: Readonly<Record<string, Instant>>;
  readonly at: Instant;
}

/** A token that has been used (family `token`; partition: its id; row id `use`). */
export interface TokenUse {
  readonly requestId: string;
  readonly at: Instant;
}

/** A request that was made (family `lease-ask`; partition: `<caller key>`; row id: the request id): asked again, nothing is issued twice. */
export interface LeaseAsk {
  readonly lease?: string;
  readonly approval?: string;
  readonly at: Instant;
}
