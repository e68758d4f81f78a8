import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MAX_EVENT_IDS, type Finding } from '../../../lambdas/core/watch/finding.ts';
import {
  addToFinding,
  findingId,
  openFinding,
  type Suspicion,
} from '../../../lambdas/core/watch/suspicion.ts';
import { at } from './a-workspace.ts';

const aSuspicion = (fields: Partial<Suspicion> = {}): Suspicion => ({
  rule: 'unbound-read',
  severity: 'high',
  principal: { type: 'role', key: 'k', identity: 'k' },
  subject: 's',
  stretch: at(0),
  first: { at: at(1), eventId: 'e1' },
  others: [],
  evidence: 'more',
  reasons: ['at 1'],
  ...fields,
});

const sighted = fc
  .uniqueArray(fc.tuple(fc.integer({ min: 0, max: 20 }), fc.stringMatching(/^[a-f0-9]{4}$/)), {
    selector: ([, id]) => id,
    minLength: 1,
    maxLength: 45,
  })
  .map((all) =>
    all.map(([second, eventId]) =>
      aSuspicion({ first: { at: at(0, second), eventId }, reasons: [`of ${eventId}`] }),
    ),
  );

const together = ([first, ...others]: readonly Suspicion[]): Finding =>
  others.reduce(addToFinding, openFinding(first ?? aSuspicion()));

describe('a finding gathers its evidence', () => {
  it('ends the same whatever the order and the repeats', () => {
    fc.assert(
      fc.property(
        sighted.chain((all) =>
          fc.tuple(fc.constant(all), fc.shuffledSubarray([...all, ...all], { minLength: all.length * 2 })),
        ),
        ([all, inAnyOrder]) => {
          expect(together(inAnyOrder)).toEqual(together(all));
        },
      ),
      { numRuns: 1000 },
    );
  });

  it('tells of the earliest record, names it first, and never names more than it may', () => {
    fc.assert(
      fc.property(sighted, (all) => {
        const finding = together(all);
        const earliest = [...all].sort((a, b) =>
          `${a.first.at} ${a.first.eventId}` < `${b.first.at} ${b.first.eventId}` ? -1 : 1,
        )[0];
        expect(finding.at).toBe(earliest?.first.at);
        expect(finding.eventIds[0]).toBe(earliest?.first.eventId);
        expect(finding.reasons).toEqual(earliest?.reasons);
        expect(finding.eventIds).toHaveLength(Math.min(all.length, MAX_EVENT_IDS));
      }),
    );
  });

  it('is the very same finding when a record comes again', () => {
    const finding = openFinding(aSuspicion());
    expect(addToFinding(finding, aSuspicion())).toBe(finding);
  });

  it('keeps what is known of its audit', () => {
    const finding: Finding = { ...openFinding(aSuspicion()), auditedAt: at(9) };
    const earlier = aSuspicion({ first: { at: at(0), eventId: 'e0' } });
    expect(addToFinding(finding, earlier).auditedAt).toBe(at(9));
    expect(addToFinding(finding, { ...earlier, evidence: 'all' }).auditedAt).toBe(at(9));
  });

  it('has another id for another rule, severity, principal, subject or stretch', () => {
    const ids = [
      aSuspicion(),
      aSuspicion({ rule: 'root-read' }),
      aSuspicion({ severity: 'critical' }),
      aSuspicion({ principal: { type: 'role', key: 'l', identity: 'k' } }),
      aSuspicion({ subject: 't' }),
      aSuspicion({ stretch: at(60) }),
    ].map(findingId);
    expect(new Set(ids).size).toBe(ids.length);
  });
});
