import type { EgressRule } from '../core/access/access-inventory.ts';
import type { LeaseReview } from '../core/access/lease-rows.ts';
import type { LeaseDetail, LeaseView } from '../core/access/lease.ts';
import type { Approval } from '../core/access/approval.ts';
import type { Instant } from '../core/time.ts';
import {
  anyRecord,
  exactly,
  exactRecord,
  fit,
  number,
  oneOf,
  optional,
  record,
  text,
  type Check,
} from './check.ts';

/** Whose leases an order to revoke means. */
export const REVOKE_BY = [
  'lease',
  'leasable',
  'credential',
  'authority',
  'principal',
  'agent',
  'all',
] as const;
export type RevokeBy = (typeof REVOKE_BY)[number];

/** What can be asked of `grant-lease`. Who asks is never in it: the door proves that. */
export interface AccessAsks {
  /** A new lease. `requestId` is the caller's own and unique to it: asked again with it, nothing is issued twice. */
  lease: {
    readonly leasable: string;
    readonly requestId: string;
    readonly purpose?: string;
    readonly ttlSeconds?: number;
    /** The approval of exactly this request. */
    readonly approval?: string;
    /** Asks without the approvals that policy wants, on the record, and pages on-call. */
    readonly breakGlass?: string;
    /** It is to be used through the proxy alone: what has no place there is refused before anybody is asked or paged. */
    readonly through?: 'proxy';
  };
  renew: { readonly lease: string; readonly ttlSeconds?: number };
  /** The holder needs it no more. */
  release: { readonly lease: string };
  /** Ends leases of others, or all. `name` is absent for `all` only. */
  revoke: { readonly by: RevokeBy; readonly name?: string; readonly reason: string };
  /**
   * Leases that the caller may see: its own, or all where policy lets it revoke them. By `lease` that one alone, in full,
   * also when it is over, for as long as the ledger has it.
   */
  leases: { readonly leasable?: string; readonly after?: string; readonly lease?: string };
  /** Requests that wait for the caller, or are its own. */
  approvals: Readonly<Record<never, never>>;
  approve: { readonly approval: string; readonly reason: string };
  deny: { readonly approval: string; readonly reason: string };
  /** Somebody else has looked at what was done with a lease that was taken by breaking the glass. */
  review: { readonly lease: string; readonly note: string };
  /** Who the caller is, as it was recognised, and what it could lease now. */
  whoami: Readonly<Record<never, never>>;
}

export type AccessAskName = keyof AccessAsks;

/** One ask. */
export type AccessAsk = {
  readonly [N in AccessAskName]: { readonly ask: N } & AccessAsks[N];
}[AccessAskName];

/** A lease that was taken by breaking the glass and that nobody has reviewed, be it over or not. */
export interface ReviewDue extends Omit<LeaseReview, 'pageAt'> {
  readonly lease: string;
}

/** An approval as people see it. */
export type ShownApproval = Omit<Approval, 'requestDigest'> & { readonly id: string };

/** What is answered. An error is a `LockstepError` in its own form (`contracts/failure.ts`). */
export interface AccessAnswers {
  lease:
    | {
        readonly status: 'issued';
        readonly lease: LeaseView;
        /** The value as a workload reads it from a vault: JSON. Handed over once, here, and kept nowhere. */
        readonly value: string;
        /** Where the proxy may use it, as the inventory says. */
        readonly egress: readonly EgressRule[];
      }
    /** The same request again, with this approval, is answered with this again until people have decided. */
    | { readonly status: 'approval-needed'; readonly approval: string; readonly expiresAt: Instant };
  renew: { readonly lease: LeaseView };
  release: { readonly lease: LeaseView };
  revoke: {
    /** How many leases have been told to end by now. */
    readonly ending: number;
    /** Whether the rest follows in the background. */
    readonly more: boolean;
  };
  leases: {
    readonly leases: readonly LeaseView[];
    readonly after?: string;
    /** Of the one that was asked for, where the caller may see it; and the approval that it was had by. */
    readonly detail?: LeaseDetail & { readonly approval?: ShownApproval };
  };
  approvals: {
    readonly approvals: readonly ShownApproval[];
    /** Leases that were taken by breaking the glass, and that wait for the caller's review. Absent where there are none. */
    readonly reviews?: readonly ReviewDue[];
  };
  approve: { readonly approved: number; readonly needed: number };
  deny: Readonly<Record<never, never>>;
  review: Readonly<Record<never, never>>;
  whoami: {
    readonly caller: string;
    readonly actingFor?: string;
    readonly purposes: readonly string[];
    readonly leasables: readonly string[];
    /** Others that it could lease only by breaking the glass. Absent where there are none. */
    readonly byBreakingGlass?: readonly string[];
    /** Those of `leasables` that have a place where the proxy may use them. */
    readonly throughProxy: readonly string[];
  };
}

const ASKS: { readonly [N in AccessAskName]: Check<AccessAsks[N]> } = {
  lease: exactRecord<AccessAsks['lease']>({
    leasable: text,
    requestId: text,
    purpose: optional(text),
    ttlSeconds: optional(number),
    approval: optional(text),
    breakGlass: optional(text),
    through: optional(exactly('proxy')),
  }),
  renew: exactRecord<AccessAsks['renew']>({ lease: text, ttlSeconds: optional(number) }),
  release: exactRecord({ lease: text }),
  revoke: exactRecord<AccessAsks['revoke']>({ by: oneOf(...REVOKE_BY), name: optional(text), reason: text }),
  leases: exactRecord<AccessAsks['leases']>({
    leasable: optional(text),
    after: optional(text),
    lease: optional(text),
  }),
  approvals: exactRecord({}),
  approve: exactRecord({ approval: text, reason: text }),
  deny: exactRecord({ approval: text, reason: text }),
  review: exactRecord({ lease: text, note: text }),
  whoami: exactRecord({}),
};

/** An ask as it arrives. A narrowing is not lost to a typing error: fields that are not known are refused. Throws `MALFORMED_REQUEST`. */
export function parseAsk(value: unknown): AccessAsk {
  const kind = record<{ readonly ask: AccessAskName }>({
    ask: oneOf(...(Object.keys(ASKS) as AccessAskName[])),
  });
  const { ask } = fit(kind, value, 'MALFORMED_REQUEST', 'an ask');
  const { ask: _named, ...asks } = fit(anyRecord, value, 'MALFORMED_REQUEST', 'an ask');
  const check: Check<AccessAsks[AccessAskName]> = ASKS[ask];
  // The compiler cannot follow that name and fields belong together; the table has made sure of it.
  return { ask, ...fit(check, asks, 'MALFORMED_REQUEST', `the ask ${ask}`) } as AccessAsk;
}
