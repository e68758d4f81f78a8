import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Dependent } from '../../../lambdas/core/credential.ts';
import {
  drainEndsAt,
  nextStep,
  observeEverySeconds,
  quietFrom,
  type Step,
} from '../../../lambdas/core/rotation/next-step.ts';
import { PHASES, type Phase, type Rotation } from '../../../lambdas/core/rotation/rotation.ts';
import { secondsAfter } from '../../../lambdas/core/time.ts';
import { aRotation } from './a-rotation.ts';

const START = '2026-03-01T00:00:00.000Z';
const at = (seconds: number): string => secondsAfter(START, seconds);
const proof = (seconds = 0) => ({ by: 'acknowledgement', at: at(seconds) }) as const;

function dependent(name: string, facts: Partial<Dependent> = {}): Dependent {
  return { name, kind: 'webhook', workload: name, cacheTtlSeconds: 0, settings: {}, ...facts };
}
const witnessed = dependent('batch', {
  evidence: { applicationName: 'batch', poolLifetimeSeconds: 40, suffices: true },
});

/** What is done so many seconds after the start; the deadline is 600 s, drain and soak are a minute each. */
const stepAt = (seconds: number, rotation: Rotation, held = false): Step =>
  nextStep(rotation, { now: new Date(at(seconds)), held });

const promotedAt = { promotedAt: START, adoptingSince: START };

describe('before promotion', () => {
  it.each(['requested', 'issued', 'installed', 'verified', 'failed'] as const)(
    '%s: Secrets Manager drives',
    (phase) => {
      expect(stepAt(1e9, aRotation(phase))).toEqual({
        do: 'wait',
        for: 'Secrets Manager, which drives the four steps',
      });
    },
  );
});

describe('promoted', () => {
  it('tells the dependents, held or not', () => {
    expect(stepAt(0, aRotation('promoted'))).toEqual({ do: 'fan-out' });
    expect(stepAt(0, aRotation('promoted'), true)).toEqual({ do: 'fan-out' });
  });
});

describe('a deadline in a world that was away', () => {
  it('counts from when somebody was there again: nobody is late who could not have been heard', () => {
    const late = aRotation('adopting', { ...promotedAt, dependents: [dependent('batch')] });
    const circumstances = (seconds: number, upSince: number) => ({
      now: new Date(at(seconds)),
      held: false,
      upSince: at(upSince),
    });
    expect(nextStep(late, circumstances(5001, 5000))).toEqual({ do: 'wait', for: 'batch', until: at(5600) });
    expect(nextStep(late, circumstances(5600, 5000))).toMatchObject({ do: 'decide-deadline' });
    // and one that was there all the time gives nobody more
    expect(nextStep(late, circumstances(600, -9))).toMatchObject({ do: 'decide-deadline' });
  });
});

describe('adopting', () => {
  const adopting = (facts: Partial<Rotation> = {}): Rotation =>
    aRotation('adopting', { ...promotedAt, dependents: [dependent('api'), dependent('batch')], ...facts });

  it('waits for whoever is missing, until the deadline', () => {
    expect(stepAt(599, adopting({ adoption: { api: proof() } }))).toEqual({
      do: 'wait',
      for: 'batch',
      until: at(600),
    });
  });

  it('lets the recorded policy decide past the deadline, once', () => {
    const late = adopting({ adoption: { api: proof() } });
    expect(stepAt(600, late)).toMatchObject({ do: 'decide-deadline', missing: [{ name: 'batch' }] });
    // from then on it is waited for without an end: time alone never retires anything
    expect(stepAt(1e9, { ...late, deadlineDecidedAt: at(600) })).toEqual({ do: 'wait', for: 'batch' });
  });

  it('counts the deadline from the last un-adoption', () => {
    const again = adopting({ adoptingSince: at(500) });
    expect(stepAt(1099, again)).toMatchObject({ do: 'wait', until: at(1100) });
    expect(stepAt(1100, again)).toMatchObject({ do: 'decide-deadline' });
  });

  it('is complete when nobody is missing, also past the deadline, and held or not', () => {
    const complete = adopting({ adoption: { api: proof(), batch: proof() } });
    expect(stepAt(0, complete)).toEqual({ do: 'complete-adoption' });
    expect(stepAt(1e6, complete, true)).toEqual({ do: 'complete-adoption' });
    expect(stepAt(0, adopting({ dependents: [] }))).toEqual({ do: 'complete-adoption' });
  });

  it('is not complete while somebody was seen on the predecessor, whoever has proved what', () => {
    const inUse = { at: START, dependents: [], seen: 'a session' };
    const seen = adopting({ adoption: { api: proof(), batch: proof() }, inUse, observedAt: START });
    expect(stepAt(1, seen)).toEqual({
      do: 'wait',
      for: 'sessions on the version that is to go',
      until: at(60),
    });
    expect(stepAt(60, seen)).toEqual({ do: 'observe' });
    expect(stepAt(600, seen)).toEqual({ do: 'decide-deadline', missing: [] });
  });

  it('looks at the target for whoever proves himself there, four times in a pool lifetime', () => {
    const waiting = adopting({ dependents: [dependent('api'), witnessed] });
    expect(stepAt(0, waiting)).toEqual({ do: 'observe' });
    expect(stepAt(5, { ...waiting, observedAt: START })).toMatchObject({ do: 'wait', until: at(10) });
    expect(stepAt(10, { ...waiting, observedAt: START })).toEqual({ do: 'observe' });
    // not where what is seen there does not suffice
    const asSupport = { applicationName: 'batch', poolLifetimeSeconds: 40, suffices: false };
    const supported = { ...waiting, dependents: [dependent('batch', { evidence: asSupport })] };
    expect(stepAt(0, supported)).toMatchObject({ do: 'wait', until: at(600) });
    // not where the target shows nothing, nor when that dependent has proved itself
    expect(stepAt(0, { ...waiting, observable: false })).toMatchObject({ do: 'wait', until: at(600) });
    expect(stepAt(0, { ...waiting, adoption: { batch: proof() } })).toMatchObject({
      do: 'wait',
      for: 'api',
      until: at(600),
    });
  });
});

describe('how often the target is looked at', () => {
  it.each([
    [[], 60],
    [[240], 60],
    [[40], 10],
    [[40, 20], 5],
    [[2], 1],
    [[9000], 60],
  ] as const)('with pool lifetimes of %j s it is every %i s', (lifetimes, every) => {
    expect(observeEverySeconds(lifetimes)).toBe(every);
  });
});

describe('the drain', () => {
  const adopted = (facts: Partial<Rotation> = {}): Rotation =>
    aRotation('adopted', { ...promotedAt, adoptedAt: at(10), observable: false, ...facts });

  it('lasts as declared, from complete adoption on', () => {
    expect(stepAt(69, adopted())).toEqual({ do: 'wait', until: at(70), for: 'the drain' });
    expect(stepAt(70, adopted())).toEqual({ do: 'disable' });
  });

  it('is never over before the slowest cache has run out since promotion', () => {
    const slow = adopted({
      dependents: [dependent('api', { cacheTtlSeconds: 300 }), dependent('batch', { cacheTtlSeconds: 30 })],
    });
    expect(drainEndsAt(slow)).toBe(at(300));
    expect(stepAt(299, slow)).toMatchObject({ do: 'wait', until: at(300) });
    expect(quietFrom(slow)).toBe(at(310));
  });

  it('ends in nothing while a hold lies on the credential', () => {
    expect(stepAt(70, adopted(), true)).toEqual({ do: 'wait', for: 'release of the hold' });
  });

  it('ends with a look at the target, no older than its end', () => {
    const observable = adopted({ observable: true });
    expect(stepAt(70, observable)).toEqual({ do: 'observe' });
    expect(stepAt(80, { ...observable, observedAt: at(69) })).toEqual({ do: 'observe' });
    expect(stepAt(80, { ...observable, observedAt: at(70) })).toEqual({ do: 'disable' });
  });
});

describe('the soak', () => {
  const disabled = (facts: Partial<Rotation> = {}): Rotation =>
    aRotation('disabled', {
      ...promotedAt,
      adoptedAt: START,
      disabledAt: at(10),
      observable: false,
      ...facts,
    });

  it('lasts as declared, from disable on', () => {
    expect(stepAt(69, disabled())).toEqual({ do: 'wait', until: at(70), for: 'the soak' });
    expect(stepAt(70, disabled())).toEqual({ do: 'revoke' });
  });

  it('ends in nothing while a hold lies on the credential', () => {
    expect(stepAt(70, disabled(), true)).toEqual({ do: 'wait', for: 'release of the hold' });
  });

  it('ends with a look at the target, no older than its end', () => {
    const observable = disabled({ observable: true, observedAt: at(20) });
    expect(stepAt(70, observable)).toEqual({ do: 'observe' });
    expect(stepAt(70, { ...observable, observedAt: at(70) })).toEqual({ do: 'revoke' });
  });
});

describe('rolling back', () => {
  const back = (
    rollback: Partial<NonNullable<Rotation['rollback']>>,
    facts: Partial<Rotation> = {},
  ): Rotation =>
    aRotation('rolling-back', {
      ...promotedAt,
      dependents: [dependent('api', { cacheTtlSeconds: 300 })],
      observable: false,
      rollback: { requestedAt: START, by: 'somebody', reason: 'bad', returned: {}, ...rollback },
      ...facts,
    });
  const returned = { restoredAt: START, toldAt: START, returned: { api: proof() }, returnedAt: at(10) };

  it('restores, tells, and waits for everybody, held or not', () => {
    expect(stepAt(0, back({}), true)).toEqual({ do: 'restore' });
    expect(stepAt(0, back({ restoredAt: START }), true)).toEqual({ do: 'fan-out' });
    expect(stepAt(0, back({ restoredAt: START, toldAt: START }), true)).toEqual({
      do: 'wait',
      for: 'api',
      until: at(600),
    });
    expect(stepAt(0, back({ ...returned, returnedAt: START }), true)).toMatchObject({ do: 'wait' });
  });

  it('asks the policy once when somebody does not return, and never gives up waiting', () => {
    const waiting = back({ restoredAt: at(100), toldAt: at(100) });
    expect(stepAt(700, waiting)).toMatchObject({ do: 'decide-deadline', missing: [{ name: 'api' }] });
    expect(stepAt(1e9, { ...waiting, deadlineDecidedAt: at(700) })).toEqual({ do: 'wait', for: 'api' });
  });

  it('completes the return before the drain of the successor begins', () => {
    const { returnedAt: _open, ...open } = returned;
    expect(stepAt(20, back(open))).toEqual({ do: 'complete-adoption' });
  });

  it('revokes the successor after the drain, no shorter than the slowest cache', () => {
    expect(stepAt(309, back(returned))).toEqual({
      do: 'wait',
      until: at(310),
      for: 'the drain of the version that is given up',
    });
    expect(stepAt(310, back(returned))).toEqual({ do: 'revoke' });
    expect(stepAt(310, back(returned), true)).toEqual({ do: 'wait', for: 'release of the hold' });
  });

  it('revokes nothing that is still used', () => {
    const observable = back(returned, { observable: true });
    expect(stepAt(310, observable)).toEqual({ do: 'observe' });
    expect(stepAt(310, { ...observable, observedAt: at(310) })).toEqual({ do: 'revoke' });
    const inUse = { at: at(310), dependents: [], seen: 'a session' };
    expect(stepAt(311, { ...observable, observedAt: at(310), inUse })).toMatchObject({ do: 'wait' });
  });
});

describe('what is over', () => {
  it.each(['retired', 'abandoned', 'rolled-back'] as const)('%s: nothing', (phase) => {
    expect(stepAt(1e9, aRotation(phase))).toEqual({ do: 'nothing' });
  });
});

const rotations = fc
  .record({
    phase: fc.constantFrom<Phase>(...PHASES),
    adopted: fc.boolean(),
    deadlineDecidedAt: fc.constantFrom(undefined, START),
    inUse: fc.boolean(),
    observable: fc.boolean(),
    observedAt: fc.constantFrom(undefined, START, at(1e6)),
    adoptedAt: fc.constantFrom(undefined, at(10)),
    disabledAt: fc.constantFrom(undefined, at(100)),
  })
  .map(({ phase, adopted, inUse, ...facts }) =>
    aRotation(phase, {
      ...promotedAt,
      dependents: [dependent('api', { cacheTtlSeconds: 300 })],
      adoption: adopted ? { api: proof() } : {},
      observable: facts.observable,
      ...(facts.deadlineDecidedAt === undefined ? {} : { deadlineDecidedAt: facts.deadlineDecidedAt }),
      ...(facts.observedAt === undefined ? {} : { observedAt: facts.observedAt }),
      ...(facts.adoptedAt === undefined ? {} : { adoptedAt: facts.adoptedAt }),
      ...(facts.disabledAt === undefined ? {} : { disabledAt: facts.disabledAt }),
      ...(inUse ? { inUse: { at: START, dependents: [], seen: 'a session' } } : {}),
    }),
  );
const moments = fc.integer({ min: -1e6, max: 1e7 });

describe('at any moment, of any rotation', () => {
  it('nothing is disabled or revoked under a hold', () => {
    fc.assert(
      fc.property(rotations, moments, (rotation, seconds) => {
        expect(['disable', 'revoke']).not.toContain(stepAt(seconds, rotation, true).do);
      }),
    );
  });

  it('only an adopted rotation disables, only a disabled one or one on its way back revokes', () => {
    const MAY: Readonly<Record<string, readonly Phase[]>> = {
      disable: ['adopted'],
      revoke: ['disabled', 'rolling-back'],
    };
    fc.assert(
      fc.property(rotations, moments, fc.boolean(), (rotation, seconds, held) => {
        const phases = MAY[stepAt(seconds, rotation, held).do] ?? PHASES;
        expect(phases).toContain(rotation.phase);
      }),
    );
  });

  it('a clock that is set back only makes things wait', () => {
    fc.assert(
      fc.property(rotations, (rotation) => {
        expect(['disable', 'revoke', 'decide-deadline']).not.toContain(stepAt(-3600, rotation).do);
      }),
    );
  });

  it('whoever waits until a moment has something to do then', () => {
    fc.assert(
      fc.property(rotations, moments, fc.boolean(), (rotation, seconds, held) => {
        const step = stepAt(seconds, rotation, held);
        const until = step.do === 'wait' ? step.until : undefined;
        const then = nextStep(rotation, { now: new Date(until ?? START), held });
        const isLater = until === undefined || then.do !== 'wait' || then.until !== until;
        expect(isLater).toBe(true);
      }),
    );
  });
});
