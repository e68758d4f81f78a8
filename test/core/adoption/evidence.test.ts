import { describe, expect, it } from 'vitest';
import { judgeSessions, negativeEvidence } from '../../../lambdas/core/adoption/evidence.ts';
import type { Dependent } from '../../../lambdas/core/credential.ts';
import type { Observation } from '../../../lambdas/core/ports/rotator.ts';
import type { EvidenceTrail } from '../../../lambdas/core/rotation/rotation.ts';
import { secondsAfter } from '../../../lambdas/core/time.ts';

const at = (seconds: number): string => secondsAfter('2026-03-01T00:00:00.000Z', seconds);
const LIFETIME = 40;

const dependent = (name: string): Dependent => ({
  name,
  kind: 'poller',
  workload: name,
  cacheTtlSeconds: 60,
  evidence: { applicationName: name, poolLifetimeSeconds: LIFETIME, suffices: true },
  settings: {},
});
const batch = dependent('batch');

/** A look at the target: sessions of `batch` on the successor and on the predecessor. */
function look(seconds: number, onSuccessor: number, onPredecessor: number): Observation {
  return {
    at: at(seconds),
    successor: { sessions: onSuccessor },
    predecessor: { sessions: onPredecessor },
    byDependent: { batch: { onSuccessor, onPredecessor } },
    strangersOnPredecessor: 0,
  };
}

/** What a sequence of looks makes of a dependent: the moment at which it counts as moved, if any. */
function adoptedAt(looks: readonly Observation[], expected: 'successor' | 'predecessor' = 'successor') {
  let trail: EvidenceTrail | undefined;
  for (const observation of looks) {
    const verdict = judgeSessions(batch, trail, observation, expected);
    if (verdict.adoption) return verdict.adoption;
    trail = verdict.trail;
  }
  return undefined;
}

const every10 = (from: number, to: number, on: (seconds: number) => readonly [number, number]) =>
  Array.from({ length: (to - from) / 10 + 1 }, (_, index) => {
    const seconds = from + index * 10;
    return look(seconds, ...on(seconds));
  });

describe('sessions prove adoption', () => {
  it('when every look over the pool lifetime shows them on the successor alone', () => {
    expect(adoptedAt(every10(0, 40, () => [2, 0]))).toEqual({ by: 'evidence', at: at(40) });
    expect(adoptedAt(every10(0, 30, () => [2, 0]))).toBeUndefined();
  });

  it('of a return, when they are on the predecessor alone', () => {
    expect(
      adoptedAt(
        every10(0, 40, () => [0, 2]),
        'predecessor',
      ),
    ).toEqual({ by: 'evidence', at: at(40) });
    expect(
      adoptedAt(
        every10(0, 90, () => [2, 0]),
        'predecessor',
      ),
    ).toBeUndefined();
  });
});

describe('sessions prove nothing', () => {
  it('while one is left on the other version', () => {
    expect(adoptedAt(every10(0, 90, () => [5, 1]))).toBeUndefined();
  });

  it('where there is none at all: that is unknown, and the clock starts again', () => {
    expect(adoptedAt(every10(0, 90, () => [0, 0]))).toBeUndefined();
    // away for one look in the middle
    expect(adoptedAt(every10(0, 60, (seconds) => (seconds === 30 ? [0, 0] : [1, 0])))).toBeUndefined();
    expect(adoptedAt(every10(0, 80, (seconds) => (seconds === 30 ? [0, 0] : [1, 0])))).toMatchObject({
      at: at(80),
    });
  });

  it('when so long passed between two looks that a session may have come and gone unseen', () => {
    expect(adoptedAt([look(0, 1, 0), look(LIFETIME + 1, 1, 0)])).toBeUndefined();
    expect(adoptedAt([look(0, 1, 0), look(LIFETIME, 1, 0)])).toMatchObject({ at: at(LIFETIME) });
  });

  it('of a dependent that declares no way to tell its sessions from others', () => {
    const { evidence: _none, ...undeclared } = batch;
    expect(judgeSessions(undeclared, undefined, look(0, 1, 0), 'successor').adoption).toBeUndefined();
    const unseen = judgeSessions(dependent('another'), undefined, look(0, 1, 0), 'successor');
    expect(unseen).toEqual({ trail: { lastSampleAt: at(0) } });
  });
});

describe('use of the version that is to go', () => {
  const both = [batch, dependent('api')];

  it('is a session, with the dependents that it could be attributed to', () => {
    const seen = { ...look(50, 1, 3), predecessor: { sessions: 3 } };
    expect(negativeEvidence(both, seen, 'predecessor', at(0))).toEqual({
      at: at(50),
      dependents: ['batch'],
      seen: '3 session(s) of batch on the version that is to go',
    });
  });

  it('is a session of nobody that is known, too', () => {
    const seen = { ...look(50, 1, 0), predecessor: { sessions: 1 } };
    expect(negativeEvidence(both, seen, 'predecessor', at(0))).toEqual({
      at: at(50),
      dependents: [],
      seen: '1 session(s) on the version that is to go',
    });
  });

  it('is looked for on the successor when the way back is gone', () => {
    expect(negativeEvidence(both, look(50, 2, 0), 'successor', at(0))).toMatchObject({
      dependents: ['batch'],
    });
    expect(negativeEvidence(both, look(50, 2, 0), 'predecessor', at(0))).toBeUndefined();
  });

  it('is a last use after everybody should have been gone, where the target tells that alone', () => {
    const seen = (lastUsedAt: string): Observation => ({
      ...look(500, 1, 0),
      predecessor: { sessions: 'unknown', lastUsedAt },
    });
    expect(negativeEvidence(both, seen(at(101)), 'predecessor', at(100))).toMatchObject({
      dependents: [],
      seen: `the version that is to go was used at ${at(101)}`,
    });
    expect(negativeEvidence(both, seen(at(100)), 'predecessor', at(100))).toBeUndefined();
  });

  it('is not seen where the target says nothing: whether that counts as none is for others to say', () => {
    const blind = { ...look(50, 1, 0), predecessor: { sessions: 'unknown' as const } };
    expect(negativeEvidence(both, blind, 'predecessor', at(0))).toBeUndefined();
  });
});
