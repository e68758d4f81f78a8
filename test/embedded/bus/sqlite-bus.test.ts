import { describe, expect, it } from 'vitest';
import type { SqliteBusOptions } from '../../../embedded/bus/bus-options.ts';
import { outboxPump } from '../../../embedded/bus/outbox-pump.ts';
import { SqliteBus } from '../../../embedded/bus/sqlite-bus.ts';
import type { AwsEvent } from '../../../embedded/default-bus/aws-event.ts';
import { LockstepError } from '../../../lambdas/core/errors.ts';
import type { LockstepEvent } from '../../../lambdas/core/events.ts';
import { anAdvance, anEvent } from '../../fakes/an-event.ts';
import { FakeClock, quiet } from '../../fakes/fake-clock.ts';
import { faulty, faultAt } from '../../fakes/faulty.ts';
import { MemoryLedger } from '../../fakes/memory-ledger.ts';
import { inTempFolder, type TempFolder } from '../../fakes/temp-folder.ts';

/** A bus in a folder, and what became of each attempt. */
function aBus(folder: TempFolder, given: Partial<SqliteBusOptions> = {}) {
  const clock = new FakeClock();
  const outcomes: string[] = [];
  const errors: unknown[] = [];
  const bus = new SqliteBus({
    path: folder.at('bus.sqlite'),
    clock: clock.now,
    sleep: clock.sleep,
    random: () => 0,
    retries: { maxAttempts: 3, baseSeconds: 2, capSeconds: 60 },
    handlers: {},
    awsHandlers: {},
    concurrency: 2,
    onOutcome: (outcome, handler, code) => outcomes.push([outcome, handler, code].filter(Boolean).join(' ')),
    onError: (error) => errors.push(error),
    ...given,
  });
  return { bus, clock, outcomes, errors };
}

describe('a delivery that fails', () => {
  const folder = inTempFolder();
  const failing = (error: Error) => ({ 'advance-rotation': () => Promise.reject(error) });

  it('is tried again after half of twice the time, and no sooner', async () => {
    const { bus, clock, outcomes } = aBus(folder(), {
      handlers: failing(new LockstepError('LEDGER_UNAVAILABLE', 'not now')),
    });
    await bus.publish([anAdvance(1)]);
    expect(await bus.deliverDue()).toBe(1);
    await clock.advance(0.999);
    expect(await bus.deliverDue()).toBe(0);
    await clock.advance(0.001);
    expect(await bus.deliverDue()).toBe(1);
    await clock.advance(1.999);
    expect(await bus.deliverDue()).toBe(0);
    await clock.advance(0.001);
    expect(await bus.deliverDue()).toBe(1);
    const again = 'retried advance-rotation LEDGER_UNAVAILABLE';
    expect(outcomes).toEqual([again, again, 'dead advance-rotation LEDGER_UNAVAILABLE']);
    bus.close();
  });

  it('waits as long as the other side asked for', async () => {
    const { bus, clock } = aBus(folder(), {
      handlers: failing(new LockstepError('DEPENDENT_UNREACHABLE', 'later', { retryAfterSeconds: 120 })),
    });
    await bus.publish([anAdvance(1)]);
    await bus.deliverDue();
    await clock.advance(119);
    expect(await bus.deliverDue()).toBe(0);
    await clock.advance(1);
    expect(await bus.deliverDue()).toBe(1);
    bus.close();
  });

  it('is counted and dropped where the sender is wrong', async () => {
    const { bus, outcomes } = aBus(folder(), {
      handlers: failing(new LockstepError('MALFORMED_EVENT', 'no')),
    });
    await bus.publish([anAdvance(1)]);
    await bus.deliverDue();
    expect(outcomes).toEqual(['dropped advance-rotation MALFORMED_EVENT']);
    expect(await bus.list()).toEqual([]);
    bus.close();
  });

  it('keeps of a foreign error its name and never its text, which may quote what it was given', async () => {
    const { bus, clock } = aBus(folder(), { handlers: failing(new RangeError('not-a-real-secret')) });
    await bus.publish([anAdvance(1)]);
    for (let attempt = 0; attempt < 3; attempt += 1) {
      await bus.deliverDue();
      await clock.advance(10);
    }
    const [letter] = await bus.list();
    expect(letter?.lastError).toMatch(/^UNEXPECTED: unexpected RangeError/);
    expect(letter?.lastError).not.toContain('secret');
    expect(letter?.attempts).toBe(3);
    bus.close();
  });
});

describe('a delivery to a function that is not there', () => {
  const folder = inTempFolder();

  it('is kept as a dead letter where the routes name a function that nobody wired', async () => {
    const { bus, clock } = aBus(folder());
    await bus.publish([anAdvance(1)]);
    for (let attempt = 0; attempt < 3; attempt += 1) {
      await bus.deliverDue();
      await clock.advance(10);
    }
    expect(await bus.list()).toMatchObject([{ handler: 'advance-rotation', event: { id: 'event-1' } }]);
    bus.close();
  });
});

describe('a bus whose process ends', () => {
  const folder = inTempFolder();

  it('delivers in the next process what it had taken', async () => {
    const first = aBus(folder());
    await first.bus.publish([anAdvance(1), anAdvance(2)]);
    first.bus.close();
    const seen: string[] = [];
    const next = aBus(folder(), { handlers: { 'advance-rotation': async ({ id }) => void seen.push(id) } });
    await next.bus.deliverDue();
    expect(seen).toEqual(['event-1', 'event-2']);
    expect(await next.bus.deliverDue()).toBe(0);
    next.bus.close();
  });

  it('lets deliveries under way end when it is stopped, and starts no other', async () => {
    const clock = new FakeClock();
    const ended: string[] = [];
    const { bus } = aBus(folder(), {
      clock: clock.now,
      sleep: clock.sleep,
      handlers: {
        'advance-rotation': async ({ id }) => {
          await clock.sleep(5000);
          ended.push(id);
        },
      },
    });
    bus.start();
    await bus.publish([1, 2, 3].map((number) => anAdvance(number)));
    await quiet();
    const stopped = bus.stop();
    await clock.advance(60);
    await stopped;
    // Two at once per function; the third was not begun.
    expect(ended).toEqual(['event-1', 'event-2']);
    bus.close();
  });

  it('says so when its file does not take an outcome, and delivers again', async () => {
    const { bus, errors, outcomes } = aBus(folder(), {
      handlers: {
        'advance-rotation': async () => {
          bus.close();
        },
      },
    });
    await bus.publish([anAdvance(1)]);
    await expect(bus.deliverDue()).rejects.toThrow('has been closed');
    expect(errors).toHaveLength(1);
    expect(outcomes).toEqual([]);
    const seen: string[] = [];
    const next = aBus(folder(), { handlers: { 'advance-rotation': async ({ id }) => void seen.push(id) } });
    await next.bus.deliverDue();
    expect(seen).toEqual(['event-1']);
    next.bus.close();
  });
});

describe('how much a bus does at once', () => {
  const folder = inTempFolder();

  it('is bounded for each function, so that a slow one keeps no other waiting', async () => {
    const clock = new FakeClock();
    let [running, most, quick] = [0, 0, 0];
    const { bus } = aBus(folder(), {
      clock: clock.now,
      sleep: clock.sleep,
      handlers: {
        'advance-rotation': async () => {
          running += 1;
          most = Math.max(most, running);
          await clock.sleep(60_000);
          running -= 1;
        },
        'request-rotation': async () => void (quick += 1),
      },
    });
    bus.start();
    const due = anEvent(100, 'rotation.due', { credential: 'c', cause: 'cadence', requestId: 'r' });
    await bus.publish([...Array.from({ length: 10 }, (_, index) => anAdvance(index + 1)), due]);
    await clock.advance(1);
    expect([running, quick]).toEqual([2, 1]);
    await clock.advance(600);
    expect([running, most]).toEqual([0, 2]);
    await bus.stop();
    bus.close();
  });
});

/** An event of AWS's as the default bus carries it. */
const awsEvent = (detailType: string, eventName?: string, source = 'aws.secretsmanager'): AwsEvent => ({
  version: '0',
  id: `${detailType} ${eventName}`,
  'detail-type': detailType,
  source,
  account: '000000000000',
  time: '2026-01-01T00:00:00Z',
  region: 'local',
  resources: [],
  detail: eventName === undefined ? { name: 'x' } : { eventName },
});

describe("AWS's events on the default bus", () => {
  const folder = inTempFolder();

  it('go where the routes say and nowhere else', async () => {
    const seen: string[] = [];
    const note = (name: string) => async (event: AwsEvent) => void seen.push(`${name}: ${event.id}`);
    const { bus } = aBus(folder(), {
      awsHandlers: { 'detect-access': note('detect-access'), reconcile: note('reconcile') },
    });
    const call = 'AWS API Call via CloudTrail';
    await bus.publishAws(awsEvent(call, 'GetSecretValue'));
    await bus.publishAws(awsEvent(call, 'RotateSecret'));
    await bus.publishAws(awsEvent(call, 'GetSecretValue', 'custom.source'));
    await bus.publishAws(awsEvent('Secret Label Updated'));
    await bus.deliverDue();
    expect(seen).toEqual([
      'detect-access: AWS API Call via CloudTrail GetSecretValue',
      'reconcile: Secret Label Updated undefined',
    ]);
    bus.close();
  });

  it('become dead letters without an event of ours, and are driven again with all others', async () => {
    let isMended = false;
    const { bus, clock } = aBus(folder(), {
      awsHandlers: {
        reconcile: async () => {
          if (!isMended) throw new LockstepError('LEDGER_UNAVAILABLE', 'not now');
        },
      },
    });
    await bus.publishAws(awsEvent('Secret Label Updated'));
    for (let attempt = 0; attempt < 3; attempt += 1) {
      await bus.deliverDue();
      await clock.advance(10);
    }
    const [letter] = await bus.list();
    expect(letter).toMatchObject({ handler: 'reconcile', attempts: 3 });
    expect(letter?.event).toBeUndefined();
    isMended = true;
    expect(await bus.redrive('vector-store')).toBe(0);
    expect(await bus.redrive()).toBe(1);
    await bus.deliverDue();
    expect(await bus.list()).toEqual([]);
    bus.close();
  });
});

describe('an event that a schedule sends', () => {
  const folder = inTempFolder();

  it('reaches the one function it is sent to', async () => {
    const seen: string[] = [];
    const handler = async ({ type }: LockstepEvent) => void seen.push(type);
    const { bus } = aBus(folder(), { handlers: { 'seal-audit': handler, 'advance-rotation': handler } });
    await bus.send('seal-audit', anEvent(1, 'seal.due', {}));
    await bus.deliverDue();
    expect(seen).toEqual(['seal.due']);
    bus.close();
  });
});

describe('the pump from the outbox to the bus', () => {
  it('publishes what was committed, and again what it could not mark', async () => {
    const clock = new FakeClock();
    const ledger = new MemoryLedger();
    const published: string[] = [];
    const errors: unknown[] = [];
    // The answer of the first `markPublished` never comes, and neither did its effect: the third call, behind a round without events.
    const pump = outboxPump({
      outbox: faulty('outbox', ledger, faultAt(3, 'lose-call')),
      bus: { publish: async (events) => void published.push(...events.map(({ id }) => id)) },
      sleep: clock.sleep,
      onError: (error) => errors.push(error),
    });
    pump.start();
    await quiet();
    await ledger.commit([], [anAdvance(1), anAdvance(2)]);
    pump.wake();
    await quiet();
    expect(published).toEqual(['event-1', 'event-2']);
    expect(errors).toHaveLength(1);
    await clock.advance(1);
    expect(published).toEqual(['event-1', 'event-2', 'event-1', 'event-2']);
    expect(await ledger.pending(10)).toEqual([]);
    await pump.stop();
  });
});
