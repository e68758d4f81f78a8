import type { Alarm } from '../../lambdas/core/alarms.ts';
import type { Page } from '../../lambdas/core/ports/pager.ts';
import { instant, type Clock, type Instant } from '../../lambdas/core/time.ts';
import type { SampleWindows } from './sample-windows.ts';

/** What the evaluator needs. */
export interface AlarmEvaluatorOptions {
  readonly alarms: readonly Alarm[];
  readonly environment: string;
  readonly windows: SampleWindows;
  readonly clock: Clock;
  /** Hands a page over; throwing means that it is tried again in the next round. */
  readonly raise: (page: Page) => Promise<void>;
}

/** How an alarm stands, and since when. */
export interface AlarmState {
  readonly id: string;
  readonly state: 'ok' | 'alarm';
  readonly since: Instant;
}

interface Standing extends AlarmState {
  /** The page of this alarm has been handed over. */
  readonly isRaised: boolean;
}

/**
 * Plays CloudWatch's alarms over the same table: an alarm goes off when its last periods all breach, raises
 * one page, and is quiet until it has been ok again.
 *
 * What was before this process is unknown: that nothing came counts against us only over a whole period
 * since the start.
 */
export class AlarmEvaluator {
  readonly #options: AlarmEvaluatorOptions;
  readonly #startedAt: Date;
  readonly #standings = new Map<string, Standing>();

  constructor(options: AlarmEvaluatorOptions) {
    this.#options = options;
    this.#startedAt = options.clock();
  }

  /** One round over all alarms. Throws the first page's failure after having tried all. */
  async evaluate(): Promise<readonly AlarmState[]> {
    const failures: unknown[] = [];
    for (const alarm of this.#options.alarms) {
      const standing = this.#judge(alarm);
      this.#standings.set(alarm.id, standing);
      if (standing.state === 'alarm' && !standing.isRaised) {
        await this.#raise(alarm, standing).catch((error: unknown) => failures.push(error));
      }
    }
    if (failures.length > 0) throw failures[0];
    return this.states();
  }

  /** How all alarms stand since the last round. */
  states(): readonly AlarmState[] {
    return [...this.#standings.values()].map(({ id, state, since }) => ({ id, state, since }));
  }

  #judge(alarm: Alarm): Standing {
    const now = this.#options.clock();
    const before = this.#standings.get(alarm.id);
    const verdicts = Array.from({ length: alarm.periods }, (_, period) => this.#breaches(alarm, period, now));
    const state = verdicts.every((verdict) => verdict === true)
      ? 'alarm'
      : verdicts.includes(false)
        ? 'ok'
        : (before?.state ?? 'ok');
    if (before?.state === state) return before;
    return { id: alarm.id, state, since: instant(now), isRaised: false };
  }

  #breaches(alarm: Alarm, period: number, now: Date): boolean | 'unknown' {
    const value = this.#options.windows.value(alarm, period, now);
    const begins = now.getTime() - (period + 1) * alarm.periodSeconds * 1000;
    const isWhole = begins >= this.#startedAt.getTime();
    if (value === undefined) {
      if (alarm.missing === 'fine') return false;
      return isWhole || 'unknown';
    }
    if (alarm.comparison === 'at-least') return value >= alarm.threshold;
    return value < alarm.threshold ? isWhole || 'unknown' : false;
  }

  async #raise(alarm: Alarm, standing: Standing): Promise<void> {
    const { environment, raise, windows, clock } = this.#options;
    const value = windows.value(alarm, 0, clock());
    const seen = value === undefined ? 'has no samples' : `is ${value}`;
    const bound =
      alarm.comparison === 'at-least' ? `at ${alarm.threshold} or more` : `below ${alarm.threshold}`;
    await raise({
      id: `alarm/${environment}/${alarm.id}/${standing.since}`,
      severity: alarm.severity,
      title: alarm.title,
      subject: `${alarm.about} (${environment})`,
      reasons: [
        alarm.what,
        `${alarm.metric} ${seen} over ${alarm.periodSeconds} seconds; the alarm goes off ${bound}.`,
      ],
      firstCommand: alarm.firstCommand,
      at: standing.since,
    });
    this.#standings.set(alarm.id, { ...standing, isRaised: true });
  }
}
