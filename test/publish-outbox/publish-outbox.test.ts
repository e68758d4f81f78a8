import { describe, expect, it } from 'vitest';
import { LockstepError } from '../../lambdas/core/errors.ts';
import type { LockstepEvent } from '../../lambdas/core/events.ts';
import { publishCommitted } from '../../lambdas/publish-outbox/publish-committed.ts';
import { publishOutbox } from '../../lambdas/publish-outbox/publish-outbox.ts';
import { anAdvance } from '../fakes/an-event.ts';
import { MemoryLedger } from '../fakes/memory-ledger.ts';
import { codeOf } from '../ports/under-test.ts';

/** A bus that remembers, and takes nothing while it is down. */
function aBus() {
  const taken: string[] = [];
  const bus = {
    isDown: false,
    publish: async (events: readonly LockstepEvent[]): Promise<void> => {
      if (bus.isDown) throw new LockstepError('BUS_UNAVAILABLE', 'no answer');
      taken.push(...events.map(({ id }) => id));
    },
  };
  return { bus, taken };
}

async function anOutbox(count: number): Promise<MemoryLedger> {
  const ledger = new MemoryLedger();
  for (let number = 1; number <= count; number += 1) await ledger.commit([], [anAdvance(number)]);
  return ledger;
}

describe('the outbox', () => {
  it('is taken to the bus whole, however much is in it', async () => {
    const outbox = await anOutbox(120);
    const { bus, taken } = aBus();
    expect(await publishOutbox(outbox, bus)).toBe(120);
    expect(new Set(taken).size).toBe(120);
    expect(await outbox.pending(1)).toEqual([]);
    expect(await publishOutbox(outbox, bus)).toBe(0);
  });

  it('keeps what the bus did not take, and publishes again what could not be marked', async () => {
    const outbox = await anOutbox(3);
    const { bus, taken } = aBus();
    bus.isDown = true;
    expect(await codeOf(publishOutbox(outbox, bus))).toBe('BUS_UNAVAILABLE');
    expect(await outbox.pending(10)).toHaveLength(3);

    bus.isDown = false;
    const mark = outbox.markPublished.bind(outbox);
    outbox.markPublished = () => Promise.reject(new LockstepError('LEDGER_UNAVAILABLE', 'no answer'));
    expect(await codeOf(publishOutbox(outbox, bus))).toBe('LEDGER_UNAVAILABLE');
    outbox.markPublished = mark;
    await publishOutbox(outbox, bus);

    expect(taken).toHaveLength(6);
    expect(new Set(taken).size).toBe(3);
    expect(await outbox.pending(10)).toEqual([]);
  });
});

describe('a batch of the ledger’s stream', () => {
  const ignore = (): void => undefined;

  it('goes to the bus and is marked, and only then is over', async () => {
    const outbox = await anOutbox(2);
    const { bus, taken } = aBus();
    const committed = (await outbox.pending(10)).map((event) => ({ event }));
    await publishCommitted(outbox, bus, committed, ignore);
    expect(taken).toHaveLength(2);
    expect(await outbox.pending(10)).toEqual([]);
  });

  it('comes again where the bus took none of it', async () => {
    const outbox = await anOutbox(2);
    const { bus } = aBus();
    bus.isDown = true;
    const committed = (await outbox.pending(10)).map((event) => ({ event }));
    expect(await codeOf(publishCommitted(outbox, bus, committed, ignore))).toBe('BUS_UNAVAILABLE');
    expect(await outbox.pending(10)).toHaveLength(2);
  });

  it('is not held up by an item that is no event, which is counted', async () => {
    const outbox = await anOutbox(1);
    const { bus, taken } = aBus();
    const [event] = await outbox.pending(1);
    const counted: number[] = [];
    const committed = [{}, ...(event ? [{ event }] : []), {}];
    await publishCommitted(outbox, bus, committed, (count) => counted.push(count));
    expect(taken).toHaveLength(1);
    expect(counted).toEqual([2]);
    await publishCommitted(outbox, bus, [{}], (count) => counted.push(count));
    expect([taken.length, counted]).toEqual([1, [2, 1]]);
  });
});
