import { describe, expect, it } from 'vitest';
import { advanceRotation } from '../../lambdas/advance-rotation/advance-rotation.ts';
import type { AdvancePorts } from '../../lambdas/advance-rotation/advance-ports.ts';
import { changeEvents } from '../../lambdas/advance-rotation/fan-out.ts';
import { anEvent } from '../fakes/an-event.ts';
import { codeOf } from '../ports/under-test.ts';
import { aDecision, ALL_ADOPTED, API, before, JOB, NOW, POOL } from './a-decision.ts';

const decide = (ports: AdvancePorts): Promise<void> =>
  advanceRotation(ports, anEvent(1, 'rotation.advanced', { credential: 'store', rotation: 'token' }));
const hold = { by: 'x', reason: 'release day', since: before(60) };

describe('a rotation that was promoted', () => {
  it('is told to every dependent, each with its own nonce, and waits', async () => {
    const { ports, rotation, told, timer } = await aDecision('promoted');
    await decide(ports);
    expect((await rotation()).phase).toBe('adopting');
    expect(await told()).toMatchObject(
      [API, JOB, POOL].map((dependent) => ({
        dependent,
        change: 'promoted',
        version: 'token',
        replaces: 'before',
        expectation: { id: 'token#1', nonce: `nonce of ${dependent}` },
      })),
    );
    expect([...timer.scheduled.keys()]).toEqual(['advance-token']);
  });

  it('tells whom nothing is expected of without a nonce', async () => {
    const { ports, rotation } = await aDecision('adopting');
    const [stranger] = (await rotation()).dependents.map((each) => ({ ...each, name: 'a-newcomer' }));
    if (!stranger) throw new RangeError('nobody');
    const [event] = await changeEvents(ports, await rotation(), 'promoted', [stranger]);
    expect(event?.detail).not.toHaveProperty('expectation');
  });
});

describe('whoever decides', () => {
  it('goes as far as it can at once', async () => {
    const { ports, rotation, asked } = await aDecision('adopted');
    await decide(ports);
    expect(asked()).toEqual(['observe', 'disable']);
    expect((await rotation()).phase).toBe('disabled');
  });

  it('comes back when the next thing is due', async () => {
    const { ports, timer } = await aDecision('disabled', { disabledAt: before(20) });
    await decide(ports);
    expect(timer.scheduled.get('advance-token')).toMatchObject({
      at: '2026-03-01T12:00:40.000Z',
      event: { type: 'rotation.advanced', detail: { credential: 'store', rotation: 'token' } },
    });
  });

  it('sets no timer for what only an order ends', async () => {
    const { ports, rotation, timer, asked } = await aDecision('adopted', {}, {}, { hold });
    await decide(ports);
    expect([(await rotation()).phase, [...timer.scheduled], asked()]).toEqual(['adopted', [], []]);
  });

  it('leaves alone what is over, and takes its timer back', async () => {
    const { ports, timer, asked } = await aDecision('retired');
    await timer.schedule('advance-token', NOW, anEvent(9, 'pulse.due', {}));
    await decide(ports);
    expect([[...timer.scheduled], asked()]).toEqual([[], []]);
  });

  it('leaves the four steps to Secrets Manager', async () => {
    const { ports, rotation, timer, asked } = await aDecision('installed');
    await decide(ports);
    expect([(await rotation()).phase, [...timer.scheduled], asked()]).toEqual(['installed', [], []]);
  });

  it('refuses a rotation that the ledger does not know', async () => {
    const { ports } = await aDecision('adopting');
    const unknown = anEvent(1, 'rotation.advanced', { credential: 'store', rotation: 'another' });
    expect(await codeOf(advanceRotation(ports, unknown))).toBe('UNKNOWN_VERSION');
  });
});

describe('a deadline', () => {
  const late = {
    adoptingSince: before(700),
    adoption: { [API]: { by: 'acknowledgement', at: NOW } as const },
  };

  it('that has passed is decided, once', async () => {
    const { ports, rotation, audited } = await aDecision('adopting', late);
    await decide(ports);
    expect((await rotation()).deadlineDecidedAt).toBe(NOW);
    await decide(ports);
    expect(audited().filter((entry) => entry.startsWith('decision deadline'))).toHaveLength(1);
  });

  it('counts only from when somebody was there to listen', async () => {
    const { ports, rotation } = await aDecision('adopting', late);
    await decide({ ...ports, upSince: before(30) });
    expect((await rotation()).deadlineDecidedAt).toBeUndefined();
    expect((await rotation()).phase).toBe('adopting');
  });

  it('has no say once nobody is missing', async () => {
    const { ports, rotation } = await aDecision('adopting', { ...late, adoption: ALL_ADOPTED });
    await decide(ports);
    expect(await rotation()).toMatchObject({ phase: 'adopted' });
    expect((await rotation()).deadlineDecidedAt).toBeUndefined();
  });
});
