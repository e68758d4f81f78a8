import type { Instant } from '../time.ts';

/** The rules of the watch, by name. */
export type RuleName =
  'root-read' | 'unbound-read' | 'denied-burst' | 'retired-version-read' | 'rotation-role-without-intent';

/** An access out of character, with its reasons. The id repeats with the event that caused it. */
export interface Finding {
  readonly id: string;
  readonly rule: RuleName;
  readonly severity: 'critical' | 'high' | 'medium';
  readonly credential?: string;
  readonly principal: string;
  readonly reasons: readonly string[];
  readonly eventIds: readonly string[];
  readonly at: Instant;
}
