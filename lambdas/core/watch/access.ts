import type { Instant } from '../time.ts';
import type { Principal } from './principal.ts';

/**
 * How a call went, as far as its record tells.
 *
 * - `served`: it succeeded;
 * - `refused`: access was denied;
 * - `missing`: no such secret, version, or value: also what guessing of names looks like;
 * - `failed`: any other error;
 * - `asked`: a batch that succeeded as a call. Whether each secret was served stands in records of their
 *   own, which may never come, so for a watcher it may have been.
 */
export type AccessOutcome = 'served' | 'refused' | 'missing' | 'failed' | 'asked';

/** One API call at Secrets Manager, as CloudTrail recorded it. */
export interface Access {
  /** Repeats with every delivery, correction and cross-account twin of one record. */
  readonly eventId: string;
  /** When it happened, to the second; records may come hours later and in any order. */
  readonly at: Instant;
  readonly call: string;
  /** The call asks for values. Everything else counts only when it is refused. */
  readonly isRead: boolean;
  readonly outcome: AccessOutcome;
  readonly principal: Principal;
  /** The account that the record was delivered to: where a bare name is to be looked up. */
  readonly account?: string;
  /** As the caller named them; empty where the record names none. */
  readonly secretIds: readonly string[];
  readonly versionId?: string;
  readonly versionStage?: string;
  /** An address, or the name of the AWS service that called. */
  readonly from?: string;
}

/** Why a record says nothing to the watch. A closed set: it labels a metric. */
export type Passed =
  'malformed' | 'mismatched' | 'other-service' | 'service-event' | 'network-activity' | 'other-record';

/** What a record turned out to be. */
export type ParsedRecord =
  { readonly kind: 'access'; readonly access: Access } | { readonly kind: 'passed'; readonly why: Passed };
