import { describe, expect, it } from 'vitest';
import { observeAndJudge } from '../../lambdas/advance-rotation/observe-and-judge.ts';
import type { Phase, Rotation } from '../../lambdas/core/rotation/rotation.ts';
import { aDecision, ALL_ADOPTED, API, before, JOB, NOW, POOL, type Answers } from './a-decision.ts';

async function look(phase: Phase, facts: Partial<Rotation>, observe: NonNullable<Answers['observe']>) {
  const decision = await aDecision(phase, facts, { observe });
  await observeAndJudge(decision.ports, await decision.rotation());
  return { ...decision, after: await decision.rotation() };
}

const on = (onSuccessor: number, onPredecessor: number) => ({ onSuccessor, onPredecessor });
const clean = { cleanSince: before(120), lastSampleAt: before(30) };
const others: Rotation['adoption'] = Object.fromEntries(
  [API, JOB].map((name) => [name, { by: 'acknowledgement', at: before(600) }]),
);

describe('sessions seen at the target', () => {
  it('prove adoption where the inventory says that they suffice, and of nobody else', async () => {
    const evidence = { [API]: clean, [JOB]: clean, [POOL]: clean };
    const byDependent = { [API]: on(1, 0), [JOB]: on(1, 0), [POOL]: on(1, 0) };
    const { after, audited, metrics } = await look('adopting', { evidence }, { byDependent });
    expect(after.adoption).toEqual({ [POOL]: { by: 'evidence', at: NOW } });
    expect(audited()).toEqual([`outcome adopt-dependent ${POOL}`]);
    expect(metrics.samples('lockstep_adoption_seconds', { dependent_kind: 'poller' })).toEqual([7000]);
    expect(after.observedAt).toBe(NOW);
  });

  it('begin a trail, which only time completes', async () => {
    const { after } = await look('adopting', {}, { byDependent: { [POOL]: on(1, 0) } });
    expect(after.adoption).toEqual({});
    expect(after.evidence).toEqual({ [POOL]: { cleanSince: NOW, lastSampleAt: NOW } });
  });

  it('are judged the other way round on the way back', async () => {
    const rollback = {
      requestedAt: before(900),
      by: 'x',
      reason: 'y',
      restoredAt: before(800),
      toldAt: before(800),
      returned: {},
    };
    const facts = { rollback, adoption: ALL_ADOPTED, evidence: { [POOL]: clean } };
    const still = await look('rolling-back', facts, { byDependent: { [POOL]: on(1, 0) } });
    expect(still.after.rollback?.returned).toEqual({});
    const back = await look('rolling-back', facts, { byDependent: { [POOL]: on(0, 1) } });
    expect(back.after.rollback?.returned).toEqual({ [POOL]: { by: 'evidence', at: NOW } });
  });

  it('that the target does not show leave a mark that it was asked', async () => {
    const { after } = await look('adopting', { evidence: { [POOL]: clean } }, 'unsupported');
    expect([after.adoption, after.observedAt]).toEqual([{}, NOW]);
  });
});

describe('use of the version that is to go', () => {
  const used = { predecessor: { sessions: 1 }, byDependent: { [JOB]: on(0, 1) } };

  it.each([
    ['adopted', ['observe', 'expect']],
    ['disabled', ['observe', 'enable', 'expect']],
  ] as const)('brings the rotation back to waiting when it is %s', async (phase, commands) => {
    const { after, asked } = await look(phase, {}, used);
    expect(after).toMatchObject({ phase: 'adopting', inUse: { dependents: [JOB] } });
    expect(asked()).toEqual(commands);
  });

  it('is how things are before all have moved', async () => {
    const { after } = await look('adopting', { adoption: others }, used);
    expect([after.phase, after.inUse]).toEqual(['adopting', undefined]);
    // Whoever was seen is waited for by name from then on.
    const inUse = { at: before(60), dependents: [POOL], seen: 'a session' };
    const known = await look('adopting', { adoption: others, inUse }, used);
    expect(known.after.inUse).toBeUndefined();
  });

  it('is looked at again while somebody is known to be on it, with the predecessor enabled before each look', async () => {
    const inUse = { at: before(60), dependents: [], seen: 'a session' };
    const still = await look('adopting', { adoption: ALL_ADOPTED, inUse }, { predecessor: { sessions: 1 } });
    expect(still.asked()).toEqual(['enable', 'observe']);
    expect(still.after.inUse).toMatchObject({ at: NOW });
    const gone = await look('adopting', { adoption: ALL_ADOPTED, inUse }, {});
    expect(gone.after.inUse).toBeUndefined();
  });

  it('a moment ago says nothing as long as a cache may hold it, and later it does', async () => {
    const facts = { adoptedAt: before(600) };
    const early = await look('adopted', facts, { predecessor: { sessions: 0, lastUsedAt: before(485) } });
    expect(early.after.phase).toBe('adopted');
    const late = await look('adopted', facts, { predecessor: { sessions: 0, lastUsedAt: before(475) } });
    expect(late.after.phase).toBe('adopting');
  });
});

describe('use of the version that is given up, on the way back', () => {
  const back = (returnedAt?: string): Partial<Rotation> => ({
    adoption: ALL_ADOPTED,
    rollback: {
      requestedAt: before(900),
      by: 'x',
      reason: 'y',
      restoredAt: before(800),
      toldAt: before(800),
      returned: ALL_ADOPTED,
      ...(returnedAt === undefined ? {} : { returnedAt }),
    },
  });
  const used = (lastUsedAt: string) => ({ successor: { sessions: 0, lastUsedAt } });

  it('is how things are before all have returned', async () => {
    const { after } = await look('rolling-back', back(), { successor: { sessions: 3 } });
    expect(after.inUse).toBeUndefined();
  });

  it('is noted once all have and no cache may hold it', async () => {
    const { after } = await look('rolling-back', back(before(600)), { successor: { sessions: 1 } });
    expect(after).toMatchObject({ phase: 'rolling-back', inUse: { at: NOW } });
    expect((await look('rolling-back', back(before(600)), used(before(485)))).after.inUse).toBeUndefined();
    expect((await look('rolling-back', back(before(600)), used(before(475)))).after.inUse).toBeDefined();
  });
});
