import { describe, expect, it } from 'vitest';
import { AlarmEvaluator } from '../../../embedded/metrics/alarm-evaluator.ts';
import { RegistryMetrics } from '../../../embedded/metrics/registry-metrics.ts';
import { SampleWindows } from '../../../embedded/metrics/sample-windows.ts';
import { ALARMS, type Alarm } from '../../../lambdas/core/alarms.ts';
import { FakeClock } from '../../fakes/fake-clock.ts';
import { RecordingPager } from '../../fakes/recording-pager.ts';

/** An alarm like those of the table, that goes off at the third of something. */
const THREE_FAILURES: Alarm = {
  id: 'three-failures',
  metric: 'lockstep_step_failures',
  statistic: 'sum',
  comparison: 'at-least',
  threshold: 3,
  periodSeconds: 300,
  periods: 1,
  missing: 'fine',
  severity: 'high',
  title: 'It fails and fails',
  about: 'steps of rotations',
  what: 'A step failed three times in five minutes.',
  firstCommand: 'lockstep status',
};

/** One alarm of the table, or another one, its metrics, and who is woken. */
function anAlarm(id: string) {
  const clock = new FakeClock();
  const alarms: readonly Alarm[] = [...ALARMS, THREE_FAILURES].filter((alarm) => alarm.id === id);
  const windows = new SampleWindows(alarms);
  const pager = new RecordingPager();
  const onMisfit = (name: string): never => {
    throw new Error(name);
  };
  const metrics = new RegistryMetrics({ environment: 'local', clock: clock.now, windows, onMisfit });
  const raise = (page: Parameters<RecordingPager['page']>[0]): Promise<void> => pager.page(page);
  const evaluator = new AlarmEvaluator({ alarms, environment: 'local', windows, clock: clock.now, raise });
  /** How the alarm stands now. */
  const look = async (): Promise<string> => (await evaluator.evaluate())[0]?.state ?? 'none';
  return { clock, metrics, pager, evaluator, look };
}

const failure = { step: 'setSecret', kind: 'postgres', code: 'TARGET_UNREACHABLE' };

describe('an alarm on a sum', () => {
  it('goes off at its threshold and says what happened and what to do', async () => {
    const { clock, metrics, pager, look } = anAlarm('three-failures');
    metrics.count('lockstep_step_failures', failure, 2);
    await clock.advance(10);
    expect(await look()).toBe('ok');
    metrics.count('lockstep_step_failures', { ...failure, step: 'testSecret' });
    expect(await look()).toBe('alarm');
    expect(pager.pages).toEqual([
      {
        id: 'alarm/local/three-failures/2026-01-01T00:00:10.000Z',
        severity: 'high',
        title: 'It fails and fails',
        subject: 'steps of rotations (local)',
        reasons: [
          'A step failed three times in five minutes.',
          'lockstep_step_failures is 3 over 300 seconds; the alarm goes off at 3 or more.',
        ],
        firstCommand: 'lockstep status',
        at: '2026-01-01T00:00:10.000Z',
      },
    ]);
  });

  it('forgets what is older than its period', async () => {
    const { clock, metrics, look } = anAlarm('three-failures');
    metrics.count('lockstep_step_failures', failure, 2);
    await clock.advance(300);
    metrics.count('lockstep_step_failures', failure, 2);
    expect(await look()).toBe('ok');
    metrics.count('lockstep_step_failures', failure);
    expect(await look()).toBe('alarm');
  });

  it('pages once, and again only after it has been quiet', async () => {
    const { clock, metrics, pager, look } = anAlarm('three-failures');
    metrics.count('lockstep_step_failures', failure, 3);
    await look();
    await clock.advance(60);
    await look();
    expect(pager.pages).toHaveLength(1);
    await clock.advance(300);
    expect(await look()).toBe('ok');
    metrics.count('lockstep_step_failures', failure, 3);
    await look();
    expect(pager.incidents).toHaveLength(2);
  });
});

describe('what an alarm pages', () => {
  it('counts only samples with its labels', async () => {
    const { metrics, look } = anAlarm('rotation-abandoned');
    metrics.count('lockstep_rotations', { outcome: 'retired', kind: 'postgres' }, 5);
    expect(await look()).toBe('ok');
    metrics.count('lockstep_rotations', { outcome: 'abandoned', kind: 'openai' });
    expect(await look()).toBe('alarm');
  });

  it('pages until the page is taken, as one incident', async () => {
    const { clock, metrics, pager, look, evaluator } = anAlarm('three-failures');
    metrics.count('lockstep_step_failures', failure, 3);
    pager.refuseNext(2);
    await expect(look()).rejects.toMatchObject({ code: 'PAGER_UNAVAILABLE' });
    await clock.advance(10);
    await expect(look()).rejects.toMatchObject({ code: 'PAGER_UNAVAILABLE' });
    expect(evaluator.states()).toMatchObject([{ state: 'alarm' }]);
    await clock.advance(10);
    await look();
    await look();
    expect(pager.pages.map(({ id }) => id)).toEqual(['alarm/local/three-failures/2026-01-01T00:00:00.000Z']);
  });
});

describe('an alarm on a gauge', () => {
  it('looks at the highest value of each of its periods, and wants them all', async () => {
    const { clock, metrics, look } = anAlarm('pending-stuck');
    metrics.gauge('lockstep_pending_stuck', {}, 1);
    await clock.advance(60);
    metrics.gauge('lockstep_pending_stuck', {}, 0);
    expect(await look()).toBe('ok');
    await clock.advance(300);
    metrics.gauge('lockstep_pending_stuck', {}, 1);
    expect(await look()).toBe('alarm');
    await clock.advance(300);
    expect(await look()).toBe('ok');
  });
});

describe('an alarm on silence', () => {
  it('waits a whole period after the start before it counts silence', async () => {
    const { clock, pager, look } = anAlarm('heartbeat-missing');
    await clock.advance(899);
    expect(await look()).toBe('ok');
    await clock.advance(1);
    expect(await look()).toBe('alarm');
    expect(pager.pages[0]?.reasons[1]).toBe(
      'lockstep_heartbeat_reads has no samples over 900 seconds; the alarm goes off below 1.',
    );
  });

  it('is quiet as long as the heartbeat comes, and goes off after the last one', async () => {
    const { clock, metrics, look } = anAlarm('heartbeat-missing');
    for (let minute = 0; minute < 60; minute += 1) {
      metrics.count('lockstep_heartbeat_reads', {});
      await clock.advance(60);
      expect(await look()).toBe('ok');
    }
    await clock.advance(839);
    expect(await look()).toBe('ok');
    await clock.advance(1);
    expect(await look()).toBe('alarm');
    metrics.count('lockstep_heartbeat_reads', {});
    expect(await look()).toBe('ok');
  });

  it('goes off on an old value as well as on none', async () => {
    const { clock, metrics, look } = anAlarm('seal-late');
    metrics.gauge('lockstep_seal_age_seconds', {}, 299);
    expect(await look()).toBe('ok');
    metrics.gauge('lockstep_seal_age_seconds', {}, 300);
    expect(await look()).toBe('alarm');
    await clock.advance(1);
    expect(await look()).toBe('alarm');
  });
});

describe('the samples of alarms', () => {
  it('are kept for as long as an alarm looks back, however many come', async () => {
    const { clock, metrics, look } = anAlarm('three-failures');
    for (let second = 0; second < 1000; second += 1) {
      metrics.count('lockstep_step_failures', failure);
      await clock.advance(1);
    }
    expect(await look()).toBe('alarm');
    await clock.advance(298);
    expect(await look()).toBe('ok');
  });

  it('survive a clock that is set back', async () => {
    const { clock, metrics, look } = anAlarm('three-failures');
    metrics.count('lockstep_step_failures', failure, 3);
    clock.jump(-3600);
    expect(await look()).toBe('ok');
    metrics.count('lockstep_step_failures', failure, 3);
    expect(await look()).toBe('alarm');
  });
});
