import type { Intent } from '../../lambdas/core/ledger-rows.ts';
import type { Rotation } from '../../lambdas/core/rotation/rotation.ts';
import type { Call } from '../core/watch/a-record.ts';
import { at } from '../core/watch/a-workspace.ts';

/** What the ledger holds, what is called, and what the watch should make of it. */
export interface Situation {
  readonly when: string;
  readonly rotations?: readonly Rotation[];
  readonly intents?: readonly (readonly [string, Intent])[];
  readonly calls: readonly Omit<Call, 'id'>[];
  /** Rule, severity and credential of each finding. */
  readonly gives: readonly string[];
}

/** An intent that is open between two minutes. */
export const intent = (opened: number, closes: number): Intent => ({
  purpose: 'reconcile',
  by: 'reconcile',
  openedAt: at(opened),
  closesAt: at(closes),
});
