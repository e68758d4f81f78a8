import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import { METRICS, type MetricName } from '../../lambdas/core/metric-names.ts';
import type { MetricLabels, Metrics } from '../../lambdas/core/ports/metrics.ts';
import type { Clock } from '../../lambdas/core/time.ts';
import type { SampleWindows } from './sample-windows.ts';

/** What the registry needs. */
export interface RegistryMetricsOptions {
  readonly environment: string;
  readonly clock: Clock;
  /** Where the samples go that alarms look at. */
  readonly windows: SampleWindows;
  /** Told of a sample that does not fit its definition: a fault of ours, which must not stop a rotation. */
  readonly onMisfit: (name: MetricName) => void;
}

type MetricType = (typeof METRICS)[MetricName]['type'];

const BUCKETS = {
  seconds: [0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800, 7200, 86_400],
  milliseconds: [0.5, 1, 2.5, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10_000],
};

/**
 * `Metrics` in a registry of its own, printed as OpenMetrics
 * (https://github.com/prometheus/OpenMetrics/blob/main/specification/OpenMetrics.md). Names and labels are
 * those of the table that CloudWatch gets; a counter's sample carries `_total`, as the format demands.
 */
export class RegistryMetrics implements Metrics {
  readonly #options: RegistryMetricsOptions;
  readonly #registry = new Registry<typeof Registry.OPENMETRICS_CONTENT_TYPE>();
  readonly #counters = new Map<MetricName, Counter>();
  readonly #gauges = new Map<MetricName, Gauge>();
  readonly #distributions = new Map<MetricName, Histogram>();

  constructor(options: RegistryMetricsOptions) {
    this.#options = options;
    this.#registry.setContentType(Registry.OPENMETRICS_CONTENT_TYPE);
    this.#registry.setDefaultLabels({ environment: options.environment });
    for (const name of Object.keys(METRICS) as MetricName[]) this.#define(name);
  }

  count(name: MetricName, labels: MetricLabels, by = 1): void {
    this.#record('counter', name, labels, by, () => this.#counters.get(name)?.inc(labels, by));
  }

  gauge(name: MetricName, labels: MetricLabels, value: number): void {
    this.#record('gauge', name, labels, value, () => this.#gauges.get(name)?.set(labels, value));
  }

  observe(name: MetricName, labels: MetricLabels, value: number): void {
    this.#record('distribution', name, labels, value, () =>
      this.#distributions.get(name)?.observe(labels, value),
    );
  }

  /** The page of metrics. */
  text(): Promise<string> {
    return this.#registry.metrics();
  }

  get contentType(): string {
    return this.#registry.contentType;
  }

  #define(name: MetricName): void {
    const { type, unit, labels, help } = METRICS[name];
    const definition = { name, help, labelNames: [...labels], registers: [this.#registry] };
    switch (type) {
      case 'counter':
        this.#counters.set(name, new Counter(definition));
        break;
      case 'gauge':
        this.#gauges.set(name, new Gauge(definition));
        break;
      case 'distribution':
        this.#distributions.set(
          name,
          new Histogram({
            ...definition,
            buckets: unit === 'milliseconds' ? BUCKETS.milliseconds : BUCKETS.seconds,
          }),
        );
        break;
    }
  }

  /** Never throws: a rotation does not fail because a metric was lost. */
  #record(
    type: MetricType,
    name: MetricName,
    labels: MetricLabels,
    value: number,
    write: () => unknown,
  ): void {
    const { clock, windows, onMisfit } = this.#options;
    try {
      const isFit = METRICS[name].type === type && hasExactly(labels, METRICS[name].labels);
      if (!isFit || !Number.isFinite(value)) return onMisfit(name);
      write();
      windows.note(clock(), name, labels, value);
    } catch {
      onMisfit(name);
    }
  }
}

/** Exactly the labels of the definition: a missing one would make a second series of the same thing. */
function hasExactly(labels: MetricLabels, expected: readonly string[]): boolean {
  const given = Object.keys(labels);
  return given.length === expected.length && given.every((label) => expected.includes(label));
}
