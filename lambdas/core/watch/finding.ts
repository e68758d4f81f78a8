import type { Instant } from '../time.ts';

/** The rules of the watch over reads of secrets, by name. */
export type AccessRule =
  'root-read' | 'unbound-read' | 'denied-burst' | 'retired-version-read' | 'rotation-role-without-intent';

/** What the broker finds: somebody who asks about another's lease, or comes with a token that was used before. */
export type BrokerRule = 'foreign-lease' | 'token-replayed';

/** Everything that makes a finding, by name. */
export type RuleName = AccessRule | BrokerRule;

/** How bad a finding is. Each rule says which, and why. */
export type Severity = 'critical' | 'high' | 'medium';

/**
 * An access out of character, with its reasons.
 *
 * The id repeats with the stretch of time and the subject of the event that caused it, so a replay finds
 * its own row. Everything but `auditedAt` is a function of the records seen, whatever their order.
 */
export interface Finding {
  readonly id: string;
  readonly rule: RuleName;
  readonly severity: Severity;
  /** Absent where it is about no one credential of the inventory. */
  readonly credential?: string;
  /** The principal's key, as `principal.ts` makes it. */
  readonly principal: string;
  /** Who, what, when, why it is odd, what is normal: a sentence each, of the earliest record. */
  readonly reasons: readonly string[];
  /** The earliest record's event id, then others, at most `MAX_EVENT_IDS` together. */
  readonly eventIds: readonly string[];
  /** When the earliest record says it happened. */
  readonly at: Instant;
  /** Set once the audit log holds the finding; unset means that it could not be written yet. */
  readonly auditedAt?: Instant;
}

/** How many records a finding names: enough to look them up, few enough for a page and a row. */
export const MAX_EVENT_IDS = 20;

/**
 * Where the ledger and the audit keep findings that are about no one credential. No credential can have
 * this name: names begin with a letter.
 */
export const NO_CREDENTIAL = '*';

/** The ledger partition, and the audit chain, of a finding. */
export const partitionOf = ({ credential }: Pick<Finding, 'credential'>): string =>
  credential ?? NO_CREDENTIAL;
