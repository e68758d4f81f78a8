import type { Instant } from '../time.ts';

/**
 * A request that waits for people (family `approval`; partition: its id; row id `approval`). Bound to exactly one
 * request: another purpose, ttl, leasable or holder needs another approval.
 */
export interface Approval {
  readonly id: string;
  /** SHA-256 of the canonical request: leasable, holder, acting for, purpose, ttl, request id (`approval-digest.ts`). */
  readonly requestDigest: string;
  readonly leasable: string;
  readonly holder: string;
  readonly actingFor?: string;
  readonly purpose: string;
  readonly ttlSeconds: number;
  readonly requestId: string;
  readonly askedAt: Instant;
  readonly expiresAt: Instant;
  /** Roles whose members may decide, by policy at the moment of asking. Decided anew at the moment of approving. */
  readonly approvers: readonly string[];
  /** How many different people have to approve. */
  readonly needed: number;
  readonly approvedBy: readonly {
    readonly person: string;
    /** Roles that were proved of the person: whether they may approve is decided again when the approval is used. Not told to anybody. */
    readonly roles?: readonly string[];
    readonly at: Instant;
    readonly reason: string;
  }[];
  readonly denied?: { readonly person: string; readonly at: Instant; readonly reason: string };
  /** The lease that it was used for: an approval is used once. */
  readonly usedFor?: string;
}
