import type { MetricName } from '../metric-names.ts';

/** The labels of one sample. Values come from closed sets or from the inventory, never from a request. */
export type MetricLabels = Readonly<Record<string, string>>;

/**
 * Records what happened. Never throws and never waits: a rotation does not fail because a metric was lost.
 * Names, units, kinds and labels are those of `metric-names.ts`, the same in both worlds.
 */
export interface Metrics {
  /** Adds to a counter. */
  count(name: MetricName, labels: MetricLabels, by?: number): void;
  /** Sets a gauge. */
  gauge(name: MetricName, labels: MetricLabels, value: number): void;
  /** Adds a sample to a distribution. */
  observe(name: MetricName, labels: MetricLabels, value: number): void;
}
