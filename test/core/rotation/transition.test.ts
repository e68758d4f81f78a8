import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RotationEvent } from '../../../lambdas/core/rotation/events.ts';
import type { Phase, Rotation, StepName } from '../../../lambdas/core/rotation/rotation.ts';
import { transition } from '../../../lambdas/core/rotation/transition.ts';
import { aRotation } from './a-rotation.ts';

const AT = '2026-03-01T01:00:00.000Z';
const LATER = '2026-03-01T02:00:00.000Z';
const version = (name: string) => ({ version: name, key: `key of ${name}` });
const dependent = (name: string) => ({
  name,
  kind: 'webhook',
  workload: name,
  cacheTtlSeconds: 60,
  settings: {},
});
const retire = { drainSeconds: 1, soakSeconds: 2, deadlineSeconds: 3, onDeadline: 'roll-back' } as const;

/** What a rotation is after these events; one that changes nothing leaves it as it is. */
function after(rotation: Rotation, ...events: readonly RotationEvent[]): Rotation {
  return events.reduce((before, event) => {
    const outcome = transition(before, event);
    if (outcome.kind === 'refused') throw new RangeError(`${event.type}: ${outcome.code}`);
    return outcome.kind === 'changed' ? outcome.rotation : before;
  }, rotation);
}

const issued = (name: string): RotationEvent => ({
  type: 'issued',
  at: AT,
  successor: version(name),
  predecessor: version('first'),
});
const installed: RotationEvent = { type: 'installed', at: AT };
const verified = (...names: readonly string[]): RotationEvent => ({
  type: 'verified',
  at: AT,
  dependents: names.map(dependent),
  retire,
  observable: true,
  expectation: 'token#1',
});
const promoted: RotationEvent = { type: 'promoted', at: AT };
const failed = (step: StepName): RotationEvent => ({
  type: 'step-failed',
  at: AT,
  step,
  code: 'TARGET_UNREACHABLE',
  message: 'down',
});
const acknowledged = (name: string, at = AT): RotationEvent => ({
  type: 'dependent-adopted',
  at,
  dependent: name,
  adoption: { by: 'acknowledgement', at },
});

describe('what a step has recorded', () => {
  it('is kept when it is replayed: who is expected, and which versions were meant, are frozen', () => {
    const first = after(aRotation('requested'), issued('second'), installed, verified('api'));
    const replayed = after(
      { ...first, phase: 'failed' },
      issued('third'),
      installed,
      verified('api', 'a newcomer'),
    );
    expect(replayed.successor).toEqual(version('second'));
    expect(replayed.predecessor).toEqual(version('first'));
    expect(replayed.dependents.map(({ name }) => name)).toEqual(['api']);
    expect(replayed).toMatchObject({ phase: 'verified', reached: 'verified', verifiedAt: AT });
  });

  it('is the policy of the moment of verification, not of the request', () => {
    const rotation = after(aRotation('installed'), verified('api'));
    expect(rotation.retire).toEqual(retire);
    expect([rotation.observable, rotation.expectation]).toEqual([true, 'token#1']);
  });
});

describe('failures', () => {
  it('are counted over replays, which begin with createSecret each time', () => {
    const replay = [issued('second'), failed('setSecret')];
    const rotation = after(aRotation('requested'), ...replay, ...replay, ...replay);
    expect(rotation).toMatchObject({
      phase: 'failed',
      reached: 'issued',
      failure: { step: 'setSecret', attempts: 3 },
    });
  });

  it('are over when the step that failed has worked, or one behind it', () => {
    const inSet = after(aRotation('requested'), issued('second'), failed('setSecret'));
    expect(after(inSet, issued('second')).failure).toMatchObject({ attempts: 1 });
    expect(after(inSet, issued('second')).phase).toBe('issued');
    expect(after(inSet, issued('second'), installed).failure).toBeUndefined();

    const inFinish = after(aRotation('verified'), failed('finishSecret'));
    expect(after(inFinish, issued('second'), installed, verified('api')).failure).toMatchObject({
      attempts: 1,
    });
    expect(after(inFinish, promoted).failure).toBeUndefined();
  });

  it('tell the last one, wherever it was', () => {
    const rotation = after(aRotation('installed'), failed('testSecret'), failed('createSecret'));
    expect(rotation.failure).toMatchObject({ step: 'createSecret', attempts: 2 });
  });
});

describe('adoption', () => {
  const adopting = aRotation('adopting', { dependents: ['api', 'batch'].map(dependent), adoptedAt: AT });

  it('keeps the first proof', () => {
    const rotation = after(adopting, acknowledged('api'), acknowledged('api', LATER));
    expect(rotation.adoption['api']).toEqual({ by: 'acknowledgement', at: AT });
  });

  it('is taken back from whoever was seen, and from nobody else, and waited for anew', () => {
    const evidence = { at: LATER, dependents: ['api'], seen: 'a session' };
    const rotation = after(
      { ...adopting, phase: 'disabled', disabledAt: AT, deadlineDecidedAt: AT, observedAt: AT },
      {
        type: 'seen-in-use',
        at: LATER,
        evidence,
        unadopted: ['api'],
        expectation: 'token#2',
      },
    );
    const before = after(adopting, acknowledged('api'), acknowledged('batch'));
    const taken = after(
      { ...before, phase: 'adopted' },
      { type: 'seen-in-use', at: LATER, evidence, unadopted: ['api'], expectation: 'token#2' },
    );
    expect(Object.keys(taken.adoption)).toEqual(['batch']);
    expect(rotation).toMatchObject({
      phase: 'adopting',
      adoptingSince: LATER,
      expectation: 'token#2',
      inUse: evidence,
    });
    // whatever was decided or seen before is no longer true
    for (const gone of ['adoptedAt', 'disabledAt', 'deadlineDecidedAt', 'observedAt'] as const)
      expect(rotation[gone]).toBeUndefined();
  });

  it('forgets use of the predecessor when the next look shows none', () => {
    const inUse = { at: AT, dependents: [], seen: 'a session' };
    const observed: RotationEvent = { type: 'observed', at: LATER, trails: {} };
    expect(after({ ...adopting, inUse }, observed).inUse).toBeUndefined();
    expect(after({ ...adopting, inUse }, { ...observed, inUse }).inUse).toEqual(inUse);
  });
});

describe('the way back', () => {
  const ordered: RotationEvent = { type: 'roll-back-ordered', at: AT, by: 'somebody', reason: 'bad' };

  it('forgets what was decided and seen on the way there, and waits for everybody', () => {
    const inUse = { at: AT, dependents: [], seen: 'a session' };
    const rotation = after(
      aRotation('disabled', {
        adoption: { api: { by: 'acknowledgement', at: AT } },
        evidence: { api: { cleanSince: AT, lastSampleAt: AT } },
        deadlineDecidedAt: AT,
        inUse,
      }),
      ordered,
    );
    expect(rotation).toMatchObject({ phase: 'rolling-back', rollback: { by: 'somebody' } });
    expect([rotation.evidence, rotation.rollback?.returned]).toEqual([{}, {}]);
    expect([rotation.deadlineDecidedAt, rotation.inUse]).toEqual([undefined, undefined]);
  });

  it('counts returns apart from adoptions', () => {
    const rotation = after(aRotation('rolling-back'), acknowledged('api'));
    expect(rotation.adoption).toEqual({});
    expect(rotation.rollback?.returned).toEqual({ api: { by: 'acknowledgement', at: AT } });
  });

  it('keeps the first moment of each of its steps, whatever comes again later', () => {
    const once = (at: string): readonly RotationEvent[] => [
      { type: 'restored', at, expectation: 'token#2' },
      { type: 'fanned-out', at },
      { type: 'adoption-completed', at },
    ];
    const { rollback } = after(aRotation('rolling-back'), ...once(AT), ...once(LATER));
    expect(rollback).toMatchObject({ restoredAt: AT, toldAt: AT, returnedAt: AT });
  });

  it('is given up before the predecessor is back, and not after', () => {
    const abandoned: RotationEvent = { type: 'abandoned', at: AT, because: 'revoked' };
    expect(after(aRotation('rolling-back'), abandoned)).toMatchObject({ phase: 'retired', endedAt: AT });
    const restored = after(aRotation('rolling-back'), { type: 'restored', at: AT, expectation: 'token#2' });
    expect(transition(restored, abandoned)).toEqual({ kind: 'unchanged' });
  });

  it('before promotion is giving up, with who and why', () => {
    expect(after(aRotation('verified'), ordered)).toMatchObject({
      phase: 'abandoned',
      endedBecause: 'rolled back by somebody: bad',
    });
  });
});

describe('an end', () => {
  it('is proved only where the target refused', () => {
    const ended = (refused: 'refused' | 'unknown'): Rotation =>
      after(aRotation('disabled'), { type: 'revoked', at: AT, refused });
    expect(ended('refused')).toMatchObject({ phase: 'retired', endedAt: AT, provenRefusedAt: AT });
    expect(ended('unknown').provenRefusedAt).toBeUndefined();
  });
});

const EVENTS: readonly RotationEvent[] = [
  issued('second'),
  installed,
  verified('api'),
  promoted,
  failed('setSecret'),
  { type: 'fanned-out', at: AT },
  acknowledged('api'),
  { type: 'observed', at: AT, trails: {} },
  { type: 'adoption-completed', at: AT },
  { type: 'deadline-decided', at: AT },
  {
    type: 'seen-in-use',
    at: AT,
    evidence: { at: AT, dependents: [], seen: 'it' },
    unadopted: ['api'],
  },
  { type: 'disabled', at: AT },
  { type: 'revoked', at: AT, refused: 'refused' },
  { type: 'abandoned', at: AT, because: 'a test' },
  { type: 'roll-back-ordered', at: AT, by: 'somebody', reason: 'a test' },
  { type: 'restored', at: AT, expectation: 'token#2' },
  { type: 'breached', at: AT },
];
const ENDS: readonly Phase[] = ['retired', 'abandoned', 'rolled-back'];

describe('any history of events, in any order and with any repeats', () => {
  const histories = fc.array(fc.constantFrom(...EVENTS), { maxLength: 40 });
  const live = (history: readonly RotationEvent[]): readonly Rotation[] => {
    const seen = [aRotation('requested')];
    for (const event of history) {
      const outcome = transition(seen.at(-1) ?? aRotation('requested'), event);
      if (outcome.kind === 'changed') seen.push(outcome.rotation);
    }
    return seen;
  };

  it('never leaves an end, never un-promotes, and never changes what was frozen', () => {
    fc.assert(
      fc.property(histories, (history) => {
        const seen = live(history);
        for (const [at, { promotedAt, successor }] of seen.slice(1).entries()) {
          const before = seen[at] ?? aRotation('requested');
          expect(ENDS).not.toContain(before.phase);
          expect(promotedAt).toBe(before.promotedAt ?? promotedAt);
          expect(successor).toEqual(before.successor ?? successor);
        }
      }),
    );
  });

  it('is at an end exactly when it says when', () => {
    fc.assert(
      fc.property(histories, (history) => {
        for (const { phase, endedAt } of live(history))
          expect(endedAt !== undefined).toBe(ENDS.includes(phase));
      }),
    );
  });

  it('retires nothing that was not promoted, and rolls back nothing that was not', () => {
    fc.assert(
      fc.property(histories, (history) => {
        const behind: readonly Phase[] = ['retired', 'rolled-back', 'rolling-back'];
        const reached = live(history).filter(({ phase }) => behind.includes(phase));
        expect(reached.filter(({ promotedAt }) => promotedAt === undefined)).toEqual([]);
      }),
    );
  });
});
