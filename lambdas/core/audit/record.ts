import { canonicalJson, sha256Hex } from '../digest.ts';
import type { Cause } from '../events.ts';
import type { Instant } from '../time.ts';

/** What a record states about an effect. */
export type AuditType = 'intent' | 'outcome' | 'decision' | 'refusal' | 'finding';

/** Everything Lockstep does that leaves a trace outside its own ledger, or that somebody decided. */
export type AuditAction =
  | 'request'
  | 'issue'
  | 'put-pending'
  | 'put-first'
  | 'install'
  | 'verify'
  | 'promote'
  | 'expect'
  | 'adopt-dependent'
  | 'adopt-credential'
  | 'disable'
  | 'enable'
  | 'revoke'
  | 'prove-refused'
  | 'restore'
  | 'abandon'
  | 'reap'
  | 'strip-pending'
  | 'retire'
  | 'hold'
  | 'release'
  | 'force'
  | 'roll-back'
  | 'redrive'
  | 'breach'
  | 'deadline'
  | 'unadopt'
  | 'finding'
  | 'lease'
  | 'renew-lease'
  | 'end-lease'
  | 'ask-approval'
  | 'approve'
  | 'deny'
  | 'break-glass'
  | 'review'
  | 'revoke-leases';

/** How somebody was known to the broker: what tells one session of a name from another. Never a token. */
export interface AuditIdentity {
  /** Who it is as its world says: an ARN, `<iss>|<sub>`, `embedded:<name>`. */
  readonly principal?: string;
  /** The session's own name. Whoever assumed a role mostly chose it: good to find a session by, no proof of anything. */
  readonly session?: string;
  /** SHA-256 that stands for the token it came by: of issuer and `jti`, or of what was signed where it has none. */
  readonly tokenId?: string;
  /** Of a person: the roles that were proved. */
  readonly roles?: readonly string[];
  /** Of a person. Absent where it was not proved. */
  readonly secondFactor?: 'proved';
}

/** Who did it. `via` names the function that acted for a person or a policy. */
export interface AuditActor extends AuditIdentity {
  readonly kind: 'function' | 'operator' | 'policy' | 'workload' | 'agent' | 'person';
  readonly name: string;
  readonly via?: string;
  /** The address that a request came from, where the door saw one. */
  readonly source?: string;
  /** The person that an agent acts for, as that person was proved. */
  readonly actingFor?: AuditIdentity & { readonly name: string };
}

/** One of the answers that a right of the broker consists of. Each can only take away. */
export interface AuditAnswer {
  readonly of: 'caller' | 'acting-for' | 'claims';
  readonly says: 'allowed' | 'denied';
  /** Ids of the policies that decided it. Claims decide without any. */
  readonly policies: readonly string[];
}

/** What is handed to the appender. Ids, names and digests; never a value, nor a plain hash of one. */
export interface AuditEntry {
  /** Unique per attempt; the same id again is the same record. */
  readonly id: string;
  /** The chain it belongs to: the credential's name. */
  readonly chain: string;
  readonly type: AuditType;
  readonly action: AuditAction;
  readonly at: Instant;
  readonly who: AuditActor;
  readonly what: {
    readonly credential: string;
    readonly rotation?: string;
    readonly version?: string;
    readonly key?: string;
    readonly dependent?: string;
    readonly lease?: string;
    /** Leases that are ended together: a storm of them must not become a storm of entries. */
    readonly leases?: readonly string[];
    readonly approval?: string;
    /** `callerKey` of the person that the holder acts for. */
    readonly actingFor?: string;
    /** Of a lease, or of the request for one: the time that it was asked for. A text: entries hold no numbers. */
    readonly ttlSeconds?: string;
    /** When the lease ends, as it was then; of one that is told to end, when it would have. */
    readonly until?: Instant;
  };
  readonly why: {
    readonly cause: Cause | 'reconcile' | 'policy' | 'watch' | 'adoption' | 'lease';
    readonly reason?: string;
    readonly purpose?: string;
    /** Ids of the policies that decided, those of all answers. */
    readonly policies?: readonly string[];
    /** The answers apart. */
    readonly answers?: readonly AuditAnswer[];
    /** SHA-256 of the texts by which it was decided: ids do not say what stood behind them then. */
    readonly decidedBy?: { readonly policies: string; readonly inventory: string };
  };
  readonly result?: {
    readonly outcome: 'done' | 'failed' | 'unknown' | 'refused';
    readonly code?: string;
    readonly note?: string;
    /** When a lease ends, where its target made it another moment than the one that was decided. */
    readonly until?: Instant;
  };
}

/** An entry in its place in its chain. */
export interface AuditRecord {
  /** 1 for the first record of a chain, then one more each. */
  readonly sequence: number;
  /** `hash` of the record before it; 64 zeros for the first. */
  readonly previous: string;
  readonly entry: AuditEntry;
  /** SHA-256 over the canonical JSON of `{ sequence, previous, entry }`, hex. */
  readonly hash: string;
}

/** The last record of a chain. */
export interface ChainTail {
  readonly chain: string;
  readonly sequence: number;
  readonly hash: string;
}

/** What the first record of every chain continues. */
export const GENESIS = '0'.repeat(64);

/** The hash that a record with these parts must have. */
export const recordHash = (record: Omit<AuditRecord, 'hash'>): string =>
  sha256Hex(canonicalJson({ sequence: record.sequence, previous: record.previous, entry: record.entry }));

/** The record that continues `tail` with `entry`. */
export function continueChain(tail: ChainTail | undefined, entry: AuditEntry): AuditRecord {
  const body = { sequence: (tail?.sequence ?? 0) + 1, previous: tail?.hash ?? GENESIS, entry };
  return { ...body, hash: recordHash(body) };
}
