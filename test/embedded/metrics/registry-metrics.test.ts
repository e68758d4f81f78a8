import { describe, expect, it } from 'vitest';
import { RegistryMetrics } from '../../../embedded/metrics/registry-metrics.ts';
import { SampleWindows } from '../../../embedded/metrics/sample-windows.ts';
import { ALARMS } from '../../../lambdas/core/alarms.ts';
import { METRICS, type MetricName } from '../../../lambdas/core/metric-names.ts';
import { FakeClock } from '../../fakes/fake-clock.ts';

function aRegistry() {
  const misfits: MetricName[] = [];
  const metrics = new RegistryMetrics({
    environment: 'local',
    clock: new FakeClock().now,
    windows: new SampleWindows(ALARMS),
    onMisfit: (name) => misfits.push(name),
  });
  return { metrics, misfits };
}

describe('the page of metrics', () => {
  it('is OpenMetrics: counters end with _total, and the page with its mark', async () => {
    const { metrics } = aRegistry();
    metrics.count('lockstep_rotations', { outcome: 'retired', kind: 'postgres' }, 2);
    metrics.gauge('lockstep_dead_letters', {}, 3);
    metrics.observe('lockstep_step_seconds', { step: 'createSecret', kind: 'postgres' }, 0.3);
    const text = await metrics.text();
    expect(metrics.contentType).toMatch(/^application\/openmetrics-text/);
    expect(text).toContain('# TYPE lockstep_rotations counter\n');
    expect(text).toMatch(/^lockstep_rotations_total\{[^}]*outcome="retired"[^}]*\} 2$/m);
    expect(text).toMatch(/^lockstep_dead_letters\{environment="local"\} 3$/m);
    expect(text).toMatch(/^lockstep_step_seconds_bucket\{le="0.5"[^}]*\} 1$/m);
    expect(text).toMatch(/^lockstep_step_seconds_bucket\{le="0.25"[^}]*\} 0$/m);
    expect(text.endsWith('# EOF\n')).toBe(true);
  });

  it('tells every name of the table and the environment of every sample', async () => {
    const text = await aRegistry().metrics.text();
    for (const [name, { help }] of Object.entries(METRICS)) expect(text).toContain(`# HELP ${name} ${help}`);
    const samples = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
    for (const sample of samples) expect(sample).toContain('environment="local"');
  });

  it('tells of a sample that does not fit, and leaves it out', async () => {
    const { metrics, misfits } = aRegistry();
    metrics.count('lockstep_rotations', { outcome: 'retired' });
    metrics.count('lockstep_rotations', { outcome: 'retired', kind: 'postgres', credential: 'c' });
    metrics.count('lockstep_rotations', { outcome: 'retired', kind: 'postgres' }, -1);
    metrics.gauge('lockstep_dead_letters', {}, Number.NaN);
    metrics.count('lockstep_dead_letters', {});
    expect(misfits).toHaveLength(5);
    const text = await metrics.text();
    expect(text).not.toContain('retired');
    expect(text).not.toMatch(/^lockstep_dead_letters\{[^}]*\} NaN/m);
  });

  it('keeps a name that breaks out of a label inside it', async () => {
    const { metrics } = aRegistry();
    metrics.gauge('lockstep_credential_age_ratio', { credential: 'a"} 1\nfake 7' }, 0.5);
    expect(await metrics.text()).not.toMatch(/^fake/m);
  });
});
