import type { Instant } from '../time.ts';
import type { Tier } from './access-inventory.ts';

/**
 * The states of a lease.
 *
 * `issuing`: written down before anything is made; whatever comes of it is ended when its time is up.
 * `live`: made and handed over. `ending`: to be ended at the target, as long as it takes. `ended`: the target refuses it.
 */
export type LeasePhase = 'issuing' | 'live' | 'ending' | 'ended';

/**
 * Why a lease ended, or is to end. `found`: its target had it, and the ledger did not know it, or had it as ended.
 * `lost`: the ledger had it as live, and its target refused it already.
 */
export type LeaseEnd = 'expired' | 'released' | 'revoked' | 'never-handed-over' | 'breach' | 'found' | 'lost';

/**
 * One lease (family `lease`; partition: its id; row id `lease`). Never the value, nor a plain hash of it:
 * `valueDigest` is an HMAC under a key that only the value makes.
 */
export interface Lease {
  readonly id: string;
  /** The name of what was leased. */
  readonly leasable: string;
  readonly kind: string;
  /** Tier of what was leased, when it was: part of the ids of its pointers. */
  readonly tier: Tier;
  /** Whose queue it waits in to be ended: the lease authority, or the kind where that has none. Targets are down one by one. */
  readonly target: string;
  readonly phase: LeasePhase;
  /** `callerKey` of whoever it was issued to. Nobody else can renew, release or use it. */
  readonly holder: string;
  /** The principal behind the holder: an ARN, `<issuer>|<sub>`, `embedded:<name>`. */
  readonly principal: string;
  /** `callerKey` of the person that the holder acts for. */
  readonly actingFor?: string;
  readonly purpose: string;
  /** The caller's own id of its request: asked again with it, nothing is issued twice. */
  readonly requestId: string;
  /** Partitions of `lease-quota` that count it, besides its holder's: what limits there were when it was made. */
  readonly gates: readonly string[];
  /** No quota counts it: it was found at its target. */
  readonly isUncounted?: true;
  readonly approval?: string;
  readonly breakGlass?: {
    readonly reason: string;
    readonly reviewedBy?: string;
    readonly note?: string;
  };
  /** Ids of the policies that decided. */
  readonly policies: readonly string[];
  /** What it is called at the target: follows from the id, so that it can be found without having been told. */
  readonly key?: string;
  /** Recognises the value for whoever holds it (`lease-digest.ts`). */
  readonly valueDigest?: string;
  readonly issuedAt: Instant;
  /** When somebody has to look: while issuing, the end of patience; while live, `expiresAt`. Its `lease-due` row lies there. */
  readonly dueAt: Instant;
  /** When the target, the timer and the sweeper end it. */
  readonly expiresAt: Instant;
  /** It is never renewed beyond this. */
  readonly longestUntil: Instant;
  readonly renewals: number;
  readonly end?: { readonly why: LeaseEnd; readonly by: string; readonly at: Instant };
  /** Attempts to end it that failed: a visible debt, never given up. */
  readonly failedEnds: number;
  readonly lastError?: string;
  /** Grows with every effect at the target; a target that can remember one refuses an older. */
  readonly fence: number;
}

/** What a lease looks like to whoever may see it. */
export type LeaseView = Pick<
  Lease,
  | 'id'
  | 'leasable'
  | 'kind'
  | 'phase'
  | 'holder'
  | 'actingFor'
  | 'purpose'
  | 'issuedAt'
  | 'expiresAt'
  | 'longestUntil'
  | 'renewals'
  | 'breakGlass'
  | 'end'
  | 'failedEnds'
>;

/** What there is to say of one lease besides its view, for whoever may see it. */
export type LeaseDetail = Pick<
  Lease,
  'tier' | 'target' | 'principal' | 'requestId' | 'policies' | 'key' | 'lastError'
>;
