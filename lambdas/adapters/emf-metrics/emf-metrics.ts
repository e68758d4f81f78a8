import { ENVIRONMENT_DIMENSION, METRICS_NAMESPACE } from '../../contracts/metric-place.ts';
import { METRICS, type MetricName } from '../../core/metric-names.ts';
import type { MetricLabels, Metrics } from '../../core/ports/metrics.ts';
import type { Clock } from '../../core/time.ts';
import { dimensionSets } from './dimensions.ts';

/** What metrics need from outside. */
export interface EmfMetricsOptions {
  readonly environment: string;
  readonly clock: Clock;
  /** Takes one line for the function's log, where CloudWatch finds it. */
  readonly write: (line: string) => void;
}

/** `Metrics` that are written when the invocation is over. */
export interface EmfMetrics extends Metrics {
  /** Writes what has been recorded. Call it in a `finally` of each invocation: Lambda may freeze right after. */
  flush(): void;
}

/** Values that one metric may have in one line (https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html). */
const MAX_VALUES = 100;

/** Different labels that are kept before they are written: a loop that never flushes must not eat the memory. */
const MAX_GROUPS = 200;

/** What CloudWatch makes of a longer dimension value is an error. */
const MAX_LABEL = 250;

const UNITS = { count: 'Count', seconds: 'Seconds', milliseconds: 'Milliseconds', ratio: 'None' } as const;

/** The samples that share all label values: one line when they are written. */
interface Group {
  readonly labels: MetricLabels;
  readonly samples: Map<MetricName, number[]>;
}

/** `Metrics` as lines in CloudWatch's embedded metric format: no call, no wait, no permission. */
export function emfMetrics(options: EmfMetricsOptions): EmfMetrics {
  const groups = new Map<string, Group>();

  const flush = (): void => {
    const all = [...groups.values()];
    groups.clear();
    for (const group of all) never(() => options.write(line(options, group)));
  };

  const sampleOf = (name: MetricName, labels: MetricLabels, value: number): number[] | undefined => {
    if (!Number.isFinite(value)) return undefined;
    if (groups.size >= MAX_GROUPS) flush();
    const kept = declared(name, labels);
    const key = JSON.stringify(kept);
    const group = groups.get(key) ?? { labels: kept, samples: new Map<MetricName, number[]>() };
    groups.set(key, group);
    const samples = group.samples.get(name) ?? [];
    group.samples.set(name, samples);
    return samples;
  };

  return {
    flush,
    count: (name, labels, by = 1) =>
      never(() => {
        const samples = sampleOf(name, labels, by);
        if (samples) samples[0] = (samples[0] ?? 0) + by;
      }),
    gauge: (name, labels, value) =>
      never(() => {
        const samples = sampleOf(name, labels, value);
        if (samples) samples[0] = value;
      }),
    observe: (name, labels, value) =>
      never(() => {
        const samples = sampleOf(name, labels, value);
        samples?.push(value);
        if (samples && samples.length >= MAX_VALUES) flush();
      }),
  };
}

/** A metric that is lost is lost; the work that it counts goes on. */
function never(work: () => void): void {
  try {
    work();
  } catch {
    // Nothing to do, and nowhere to say it that could not fail as well.
  }
}

/** The labels that the metric declares, in their order; CloudWatch refuses an empty value. */
function declared(name: MetricName, labels: MetricLabels): MetricLabels {
  const names: readonly string[] = METRICS[name].labels;
  return Object.fromEntries(
    names.map((label) => [label, (labels[label] ?? '').slice(0, MAX_LABEL) || 'unknown']),
  );
}

function line({ environment, clock }: EmfMetricsOptions, { labels, samples }: Group): string {
  const names = [...samples.keys()];
  const directives = names.map((name) => ({
    Namespace: METRICS_NAMESPACE,
    Dimensions: dimensionSets(name),
    Metrics: [{ Name: name, Unit: UNITS[METRICS[name].unit] }],
  }));
  return JSON.stringify({
    _aws: { Timestamp: clock().getTime(), CloudWatchMetrics: directives },
    [ENVIRONMENT_DIMENSION]: environment,
    ...labels,
    ...Object.fromEntries(
      [...samples].map(([name, values]) => [name, values.length === 1 ? values[0] : values]),
    ),
  });
}
