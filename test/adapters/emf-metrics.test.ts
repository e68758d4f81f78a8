import * as fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { dimensionSets } from '../../lambdas/adapters/emf-metrics/dimensions.ts';
import { emfMetrics, type EmfMetrics } from '../../lambdas/adapters/emf-metrics/emf-metrics.ts';
import { ALARMS } from '../../lambdas/core/alarms.ts';
import { METRICS, type MetricName } from '../../lambdas/core/metric-names.ts';

interface Directive {
  readonly Namespace: string;
  readonly Dimensions: readonly (readonly string[])[];
  readonly Metrics: readonly { readonly Name: string; readonly Unit: string }[];
}
type Line = Readonly<Record<string, unknown>> & {
  readonly _aws: { readonly Timestamp: number; readonly CloudWatchMetrics: readonly Directive[] };
};

let written: string[];
/** What was written, checked here: an error inside `write` would be swallowed, as it should be. */
const lines = (): readonly Line[] => written.map(wellFormed);
let metrics: EmfMetrics;
const now = new Date('2026-11-24T09:00:00.000Z');

beforeEach(() => {
  written = [];
  metrics = emfMetrics({
    environment: 'staging',
    clock: () => now,
    write: (line) => void written.push(line),
  });
});

/** CloudWatch's own rules (Embedded Metric Format specification); a line that breaks one is lost there without a word. */
function wellFormed(text: string): Line {
  expect(text).not.toContain('\n');
  const line = JSON.parse(text) as Line;
  for (const { Namespace, Dimensions, Metrics } of line['_aws'].CloudWatchMetrics) {
    expect(Namespace).toBe('Lockstep');
    expect(Metrics.length).toBeLessThanOrEqual(100);
    for (const set of Dimensions) {
      expect(set.length).toBeLessThanOrEqual(30);
      for (const name of set) expect(line[name]).toMatch(/^[^]{1,1024}$/);
    }
    for (const { Name } of Metrics) {
      const values = [line[Name]].flat();
      expect(values.length).toBeLessThanOrEqual(100);
      for (const value of values) expect(Number.isFinite(value)).toBe(true);
    }
  }
  return line;
}

describe('a sample', () => {
  it('is one line of CloudWatch, with its unit and its labels, when it is flushed and not before', () => {
    metrics.count('lockstep_rotations', { outcome: 'retired', kind: 'postgres' });
    expect(lines()).toEqual([]);
    metrics.flush();
    expect(lines()).toEqual([
      {
        _aws: {
          Timestamp: now.getTime(),
          CloudWatchMetrics: [
            {
              Namespace: 'Lockstep',
              Dimensions: [
                ['environment', 'kind', 'outcome'],
                ['environment', 'outcome'],
              ],
              Metrics: [{ Name: 'lockstep_rotations', Unit: 'Count' }],
            },
          ],
        },
        environment: 'staging',
        outcome: 'retired',
        kind: 'postgres',
        lockstep_rotations: 1,
      },
    ]);
    metrics.flush();
    expect(lines()).toHaveLength(1);
  });
});

describe('samples', () => {
  it('of a counter adds up, of a gauge replaces, of a distribution is kept', () => {
    metrics.count('lockstep_heartbeat_reads', {});
    metrics.count('lockstep_heartbeat_reads', {}, 4);
    metrics.gauge('lockstep_dead_letters', {}, 7);
    metrics.gauge('lockstep_dead_letters', {}, 0);
    metrics.observe('lockstep_audit_append_milliseconds', {}, 12);
    metrics.observe('lockstep_audit_append_milliseconds', {}, 30);
    metrics.flush();
    expect(lines()).toHaveLength(1);
    expect(lines()[0]).toMatchObject({
      lockstep_heartbeat_reads: 5,
      lockstep_dead_letters: 0,
      lockstep_audit_append_milliseconds: [12, 30],
    });
  });

  it('with other labels goes into a line of its own', () => {
    metrics.count('lockstep_pages', { severity: 'high' });
    metrics.count('lockstep_pages', { severity: 'critical' }, 2);
    metrics.flush();
    expect(lines().map((line) => [line['severity'], line['lockstep_pages']])).toEqual([
      ['high', 1],
      ['critical', 2],
    ]);
  });

  it('loses labels that its metric does not declare, and gets "unknown" for those that are missing', () => {
    metrics.count('lockstep_pages', { principal: 'arn:aws:iam::111122223333:role/x' });
    metrics.count('lockstep_pages', { severity: '' });
    metrics.flush();
    expect(lines()).toHaveLength(1);
    expect(lines()[0]).toMatchObject({ severity: 'unknown', lockstep_pages: 2 });
    expect(lines()[0]).not.toHaveProperty('principal');
  });
});

describe('limits', () => {
  it('leaves out what is no number: CloudWatch would lose the whole line', () => {
    for (const value of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
      metrics.count('lockstep_heartbeat_reads', {}, value);
      metrics.gauge('lockstep_dead_letters', {}, value);
      metrics.observe('lockstep_audit_append_milliseconds', {}, value);
    }
    metrics.count('lockstep_heartbeat_reads', {});
    metrics.flush();
    expect(lines().map((line) => line['lockstep_heartbeat_reads'])).toEqual([1]);
    expect(lines()[0]).not.toHaveProperty('lockstep_dead_letters');
  });

  it('writes a hundred values and begins again', () => {
    for (let value = 0; value < 250; value += 1)
      metrics.observe('lockstep_audit_append_milliseconds', {}, value);
    metrics.flush();
    expect(lines().map((line) => [line['lockstep_audit_append_milliseconds']].flat().length)).toEqual([
      100, 100, 50,
    ]);
  });

  it('keeps a bounded number of labels, and loses none', () => {
    for (let index = 0; index < 1000; index += 1)
      metrics.gauge('lockstep_credential_age_ratio', { credential: `c${index}` }, 0.5);
    expect(lines().length).toBeGreaterThanOrEqual(800);
    metrics.flush();
    expect(new Set(lines().map((line) => line['credential'])).size).toBe(1000);
  });

  it('never throws, whatever it is given and whatever the log does', () => {
    const broken = emfMetrics({
      environment: 'staging',
      clock: () => new Date(Number.NaN),
      write: () => {
        throw new Error('the pipe is closed');
      },
    });
    const name = fc.constantFrom(...(Object.keys(METRICS) as MetricName[]), 'no_such_metric' as MetricName);
    const labels = fc.oneof(
      fc.dictionary(fc.string(), fc.string()),
      fc.constant(undefined as unknown as Record<string, string>),
    );
    fc.assert(
      fc.property(name, labels, fc.double(), (metric, given, value) => {
        for (const each of [broken, metrics]) {
          each.count(metric, given, value);
          each.gauge(metric, given, value);
          each.observe(metric, given, value);
          each.flush();
        }
      }),
    );
    expect(lines().length).toBeGreaterThan(0);
  });
});

it.each(ALARMS)('an alarm sees its metric: $id', ({ metric, labels = {} }) => {
  metrics.count(metric, {
    ...Object.fromEntries(METRICS[metric].labels.map((label) => [label, 'x'])),
    ...labels,
  });
  metrics.flush();
  const wanted = ['environment', ...Object.keys(labels).sort()];
  expect(lines()[0]?.['_aws'].CloudWatchMetrics[0]?.Dimensions).toContainEqual(wanted);
});

it.each(Object.keys(METRICS) as MetricName[])(
  '%s is summed by what alarms look at, and by nothing else',
  (name) => {
    const alarmed = ALARMS.filter(({ metric }) => metric === name).map(({ labels = {} }) =>
      Object.keys(labels),
    );
    const sets = [[...METRICS[name].labels], ...alarmed].map((labels) =>
      ['environment', ...labels.sort()].join(' '),
    );
    expect(
      dimensionSets(name)
        .map((set) => set.join(' '))
        .sort(),
    ).toEqual([...new Set(sets)].sort());
  },
);

it('pays for no combination of dimensions that nobody looks at', () => {
  expect(dimensionSets('lockstep_credential_age_ratio')).toEqual([['environment', 'credential']]);
  expect(dimensionSets('lockstep_dead_letters')).toEqual([['environment']]);
});
