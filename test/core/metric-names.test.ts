import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { ALARMS } from '../../lambdas/core/alarms.ts';
import { METRICS, type MetricName } from '../../lambdas/core/metric-names.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
/** Where the names are only listed. */
const TABLES = ['lambdas/core/metric-names.ts', 'lambdas/core/alarms.ts'];

const sources = ['lambdas', 'embedded'].flatMap((folder) =>
  readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((name) => name.endsWith('.ts') && !TABLES.includes(name)),
);
const texts = new Map(sources.map((name) => [name, readFileSync(join(ROOT, name), 'utf8')]));
const recordedIn = (metric: MetricName): readonly string[] =>
  [...texts].filter(([, text]) => text.includes(`'${metric}'`)).map(([name]) => name);

describe('the table of metrics', () => {
  it.each(Object.keys(METRICS) as MetricName[])('%s is recorded by somebody', (metric) => {
    expect(recordedIn(metric)).not.toEqual([]);
  });

  it('is the same in both worlds: what one records, the other does as well', () => {
    const oneWorld = (Object.keys(METRICS) as MetricName[]).filter((metric) => {
      const files = recordedIn(metric);
      // use cases and the core run in both worlds; the shell is AWS's alone, as `embedded` is the other's
      const isShared = files.some(
        (name) => name.startsWith('lambdas/') && !name.startsWith('lambdas/shell/'),
      );
      const inBoth = ['lambdas/shell/', 'embedded/'].every((world) =>
        files.some((name) => name.startsWith(world)),
      );
      return !isShared && !inBoth;
    });
    // on AWS values are read from Secrets Manager itself, and its records are what counts them
    expect(oneWorld).toEqual(['lockstep_reads']);
  });

  it('names labels that its alarms look at', () => {
    for (const { metric, labels = {} } of ALARMS)
      expect(METRICS[metric].labels).toEqual(expect.arrayContaining(Object.keys(labels)));
  });
});

describe('the table of alarms', () => {
  it('has each id once, and a word on what happened, to what, and what to run first', () => {
    expect(new Set(ALARMS.map(({ id }) => id)).size).toBe(ALARMS.length);
    for (const { title, about, what, firstCommand } of ALARMS) {
      expect(title).toMatch(/^[A-Z].*[^.]$/);
      expect(about).toMatch(/^[a-z].*[^.]$/);
      expect(what).toMatch(/^[A-Z].*\.$/);
      expect(firstCommand).toMatch(/^lockstep /);
    }
  });

  it('has one for everything that has to wake somebody', () => {
    const needed = [
      'rotation-failed',
      'rotation-abandoned',
      'rotation-overdue',
      'adoption-overdue',
      'pending-stuck',
      'drift',
      'dead-letters',
      'finding',
      'audit-failing',
      'seal-late',
      'heartbeat-missing',
    ];
    expect(ALARMS.map(({ id }) => id)).toEqual(expect.arrayContaining(needed));
  });
});
