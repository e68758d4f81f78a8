import type { Alarm } from '../../lambdas/core/alarms.ts';
import type { MetricName } from '../../lambdas/core/metric-names.ts';
import type { MetricLabels } from '../../lambdas/core/ports/metrics.ts';

interface Bucket {
  sum: number;
  maximum: number;
}

/** What the samples of a stretch of time come to; `undefined` where there are none. */
export type WindowValue = number | undefined;

/**
 * The recent samples of what has an alarm, by the second: as much as the longest alarm looks back on, and
 * no more, however many samples come.
 */
export class SampleWindows {
  readonly #alarms: readonly Alarm[];
  readonly #buckets = new Map<string, Map<number, Bucket>>();

  constructor(alarms: readonly Alarm[]) {
    this.#alarms = alarms;
  }

  /** Notes one sample at the alarms that it counts for. */
  note(at: Date, name: MetricName, labels: MetricLabels, value: number): void {
    const second = secondOf(at);
    for (const alarm of this.#alarms) {
      if (alarm.metric !== name || !hasLabels(labels, alarm.labels)) continue;
      const buckets = this.#buckets.get(alarm.id) ?? new Map<number, Bucket>();
      this.#buckets.set(alarm.id, buckets);
      const bucket = buckets.get(second) ?? { sum: 0, maximum: Number.NEGATIVE_INFINITY };
      bucket.sum += value;
      bucket.maximum = Math.max(bucket.maximum, value);
      buckets.set(second, bucket);
      forgetOlder(buckets, second - alarm.periodSeconds * alarm.periods);
    }
  }

  /**
   * The alarm's statistic over one of its periods: number 0 ends at `now`, number 1 where 0 begins, and so
   * on. A period holds its end and not its beginning.
   */
  value(alarm: Alarm, period: number, now: Date): WindowValue {
    const end = secondOf(now) - period * alarm.periodSeconds;
    const seconds = [...(this.#buckets.get(alarm.id) ?? [])].filter(
      ([second]) => second > end - alarm.periodSeconds && second <= end,
    );
    if (seconds.length === 0) return undefined;
    const buckets = seconds.map(([, bucket]) => bucket);
    return alarm.statistic === 'sum'
      ? buckets.reduce((sum, bucket) => sum + bucket.sum, 0)
      : Math.max(...buckets.map(({ maximum }) => maximum));
  }
}

const secondOf = (date: Date): number => Math.floor(date.getTime() / 1000);

const hasLabels = (labels: MetricLabels, wanted: MetricLabels = {}): boolean =>
  Object.entries(wanted).every(([name, value]) => labels[name] === value);

/** Buckets come in the order of time unless the clock jumps, so the oldest are looked at first. */
function forgetOlder(buckets: Map<number, Bucket>, before: number): void {
  for (const second of buckets.keys()) {
    if (second > before) return;
    buckets.delete(second);
  }
}
