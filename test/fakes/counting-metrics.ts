import { METRICS, type MetricName } from '../../lambdas/core/metric-names.ts';
import type { MetricLabels, Metrics } from '../../lambdas/core/ports/metrics.ts';
import { Judge } from './judge.ts';

interface Sample {
  readonly name: MetricName;
  readonly labels: MetricLabels;
  readonly value: number;
}

/**
 * `Metrics` that remembers. The real ones never throw and drop a sample that does not fit its definition;
 * this one fails the test: a wrong verb, a missing or undeclared label, a value that is no number, a secret.
 */
export class CountingMetrics implements Metrics {
  readonly judge: Judge;
  readonly #samples: Sample[] = [];

  constructor(judge: Judge = new Judge()) {
    this.judge = judge;
  }

  count(name: MetricName, labels: MetricLabels, by = 1): void {
    this.#note('counter', name, labels, by);
  }

  gauge(name: MetricName, labels: MetricLabels, value: number): void {
    this.#note('gauge', name, labels, value);
  }

  observe(name: MetricName, labels: MetricLabels, value: number): void {
    this.#note('distribution', name, labels, value);
  }

  /** The sum over all samples that carry these labels. */
  total(name: MetricName, labels: MetricLabels = {}): number {
    return this.samples(name, labels).reduce((sum, value) => sum + value, 0);
  }

  /** The last value of a gauge. */
  last(name: MetricName, labels: MetricLabels = {}): number | undefined {
    return this.samples(name, labels).at(-1);
  }

  /** The values of all samples that carry these labels, in order. */
  samples(name: MetricName, labels: MetricLabels = {}): readonly number[] {
    const carries = (sample: Sample): boolean =>
      Object.entries(labels).every(([label, value]) => sample.labels[label] === value);
    return this.#samples
      .filter((sample) => sample.name === name && carries(sample))
      .map(({ value }) => value);
  }

  #note(type: string, name: MetricName, labels: MetricLabels, value: number): void {
    const definition = METRICS[name];
    const declared = [...definition.labels].sort().join();
    const given = Object.keys(labels).sort().join();
    this.judge.demand(definition.type === type, `${name} is a ${definition.type}, not a ${type}`);
    this.judge.demand(declared === given, `${name} takes the labels (${declared}), given (${given})`);
    this.judge.demand(Number.isFinite(value), `${name} was given ${value}`);
    this.judge.inspect(`the labels of ${name}`, labels);
    this.#samples.push({ name, labels: { ...labels }, value });
  }
}
