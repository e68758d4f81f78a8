import { describe, expect, it } from 'vitest';
import type { Finding, Severity } from '../../../lambdas/core/watch/finding.ts';
import { admitFinding, type Admission, type Incident } from '../../../lambdas/core/watch/incident.ts';
import { at } from './a-workspace.ts';

const aFinding = (id: string, severity: Severity = 'high'): Finding => ({
  id,
  rule: 'unbound-read',
  severity,
  credential: 'vector-store',
  principal: 'somebody',
  reasons: ['Who: somebody.'],
  eventIds: ['e'],
  at: at(0),
});

const HOUR = 3600;

/** Findings one after the other, with the moment each is admitted. */
function story(findings: readonly (readonly [Finding, string])[]): readonly Admission[] {
  const told: Admission[] = [];
  let incident: Incident | undefined;
  for (const [finding, now] of findings) {
    const admission = admitFinding(incident, finding, now, HOUR);
    incident = admission.incident;
    told.push(admission);
  }
  return told;
}

const pages = (told: readonly Admission[]) => told.flatMap(({ request }) => (request ? [request.page] : []));

describe('an incident', () => {
  it('pages at its first finding', () => {
    const [page] = pages(story([[aFinding('f1'), at(0)]]));
    expect(page).toMatchObject({
      severity: 'high',
      subject: 'vector-store',
      at: at(0),
      reasons: ['Who: somebody.'],
    });
  });

  it('folds a storm into one page, and brings its count up to date by powers of five', () => {
    // when two hundred findings come within the window
    const told = story(Array.from({ length: 200 }, (_, n) => [aFinding(`f${n}`), at(0, n)]));

    // then one incident was paged, four times in all
    expect(new Set(pages(told).map(({ id }) => id)).size).toBe(1);
    expect(pages(told).map(({ title }) => title)).toEqual([
      'A principal asked for a secret that it is not bound to',
      'A principal asked for a secret that it is not bound to (5 findings)',
      'A principal asked for a secret that it is not bound to (25 findings)',
      'A principal asked for a secret that it is not bound to (125 findings)',
    ]);
    expect(new Set(told.flatMap(({ request }) => request?.eventId ?? [])).size).toBe(4);
    expect(told.at(-1)?.incident.findings).toBe(200);
  });

  it('pages anew, as another thing, when it gets worse, and not when it gets milder', () => {
    const told = story([
      [aFinding('f1', 'high'), at(0)],
      [aFinding('f2', 'critical'), at(1)],
      [aFinding('f3', 'high'), at(2)],
    ]);
    expect(pages(told).map(({ severity }) => severity)).toEqual(['high', 'critical']);
    expect(new Set(pages(told).map(({ id }) => id)).size).toBe(2);
  });

  it('is over after its window, and the next one tells how far it went', () => {
    const told = story([
      [aFinding('f1'), at(0)],
      [aFinding('f2'), at(59)],
      [aFinding('f3'), at(60)],
    ]);
    expect(pages(told)).toHaveLength(2);
    expect(pages(told)[1]?.reasons.at(-1)).toBe('Before: an earlier page of this sort grew to 2 findings.');
  });

  it('is not silenced for ever by a clock that jumped back', () => {
    const told = story([
      [aFinding('f1'), at(600)],
      [aFinding('f2'), at(0)],
    ]);
    expect(pages(told)).toHaveLength(2);
  });
});
