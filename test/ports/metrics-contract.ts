import { describe, expect, it } from 'vitest';
import { METRICS, type MetricName } from '../../lambdas/core/metric-names.ts';
import type { Metrics } from '../../lambdas/core/ports/metrics.ts';
import { eachTime, type UnderTest } from './under-test.ts';

export interface MetricsUnderTest extends UnderTest {
  readonly metrics: Metrics;
  /** Everything that is published, as text. */
  readonly published: () => Promise<string>;
}

const NAMES = Object.keys(METRICS) as MetricName[];

/** The contract of `Metrics`: every name of the table, and no sample ever stops anything. */
export function describeMetricsContract(name: string, make: () => Promise<MetricsUnderTest>): void {
  describe(`${name} keeps the contract of metrics`, () => {
    const subject = eachTime(make);

    it.each(NAMES)('publishes %s under its own name with its labels', async (metric) => {
      const { metrics, published } = subject();
      const { type, labels } = METRICS[metric];
      const given = Object.fromEntries(labels.map((label) => [label, `a-${label}`]));
      if (type === 'counter') metrics.count(metric, given);
      if (type === 'gauge') metrics.gauge(metric, given, 7);
      if (type === 'distribution') metrics.observe(metric, given, 7);
      const text = await published();
      expect(text).toContain(metric);
      for (const label of labels) expect(text).toContain(`a-${label}`);
    });

    it('never throws, whatever it is given', () => {
      const { metrics } = subject();
      expect(() => {
        metrics.count('lockstep_rotations', { nonsense: 'x' });
        metrics.count('lockstep_rotations', { outcome: 'retired', kind: 'postgres' }, Number.NaN);
        metrics.count('lockstep_dead_letters', {});
        metrics.gauge('lockstep_rotations', { outcome: 'retired', kind: 'postgres' }, 1);
        metrics.observe('lockstep_dead_letters', {}, Number.POSITIVE_INFINITY);
        metrics.gauge('not_a_metric' as MetricName, {}, 1);
      }).not.toThrow();
    });
  });
}
