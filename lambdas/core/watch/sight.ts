import type { Intent } from '../ledger-rows.ts';
import type { Rotation } from '../rotation/rotation.ts';
import type { Instant } from '../time.ts';
import type { Access } from './access.ts';
import type { Attempt } from './attempt.ts';
import type { DenialCell } from './denial-cell.ts';
import type { Suspicion } from './suspicion.ts';
import type { Subject, WatchList } from './watch-list.ts';

/** What the ledger says about when a credential may be read by whom. */
export interface Past {
  readonly rotations: readonly Rotation[];
  readonly intents: readonly Intent[];
}

/** A stretch of ten minutes that the access may have filled, and the next one. */
export interface DeniedStretch {
  readonly cell: DenialCell;
  readonly next?: DenialCell;
}

/** A day on which the access may have followed a refusal, and the next day. */
export interface AttemptDay {
  readonly day: Instant;
  readonly attempt: Attempt;
  readonly next?: Attempt;
}

/** Everything a rule may look at: one access, one of its secrets, and what the ledger knows about both. */
export interface Sight {
  readonly access: Access;
  readonly subject: Subject;
  readonly list: WatchList;
  /** Of the credential itself. */
  readonly own: Past;
  /** Of the credentials that it is the authority of. */
  readonly children: Past;
  readonly denied: readonly DeniedStretch[];
  readonly attempts: readonly AttemptDay[];
  /** How long one finding speaks for repeated accesses of one sort, in seconds. */
  readonly stretchSeconds: number;
}

/**
 * Decides about one access. Pure, so a replay decides alike; and never sure of itself because of something
 * that is missing: what has not been read yet is loaded before, not assumed.
 */
export type Rule = (sight: Sight) => readonly Suspicion[];
