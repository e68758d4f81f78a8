import type { Rotation } from '../../lambdas/core/rotation/rotation.ts';
import type { AuditReport } from '../../lambdas/report/verify-audit.ts';
import type { StrangerReport } from '../runtime/send-stranger.ts';
import type { Account } from './compare-books.ts';

/** Everything that a round has shown. */
export interface RoundFacts {
  /** When it began. A rotation that was requested before was left by an earlier runtime. */
  readonly since: string;
  readonly rotations: ReadonlyMap<string, Rotation>;
  /** Credentials that could not rotate, and why. */
  readonly refused: ReadonlyMap<string, string>;
  readonly account: Account;
  readonly audit: AuditReport;
  /** `undefined` where every workload is bound to everything. */
  readonly stranger: StrangerReport | undefined;
}
