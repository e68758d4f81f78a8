import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import * as fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { batches, MAX_BYTES, MAX_ENTRIES } from '../../lambdas/adapters/eventbridge-bus/batches.ts';
import { eventBridgeBus } from '../../lambdas/adapters/eventbridge-bus/eventbridge-bus.ts';
import { eventOfDelivery } from '../../lambdas/contracts/bus-envelope.ts';
import type { LockstepEvent } from '../../lambdas/core/events.ts';
import type { Bus } from '../../lambdas/core/ports/bus.ts';
import { eventBridgeDouble, type EventBridgeDouble } from './doubles/eventbridge.ts';
import { clientOf } from './doubles/http-double.ts';

const event = (id: string, reason = 'r'): LockstepEvent => ({
  id,
  type: 'rotation.requested',
  at: '2026-11-24T09:00:00.000Z',
  environment: 'staging',
  detail: { credential: 'vector-store', rotation: reason },
});

let aws: EventBridgeDouble;
let bus: Bus;
let waited: number[];

beforeEach(async () => {
  waited = [];
  aws = await eventBridgeDouble();
  bus = eventBridgeBus({
    client: new EventBridgeClient(clientOf(aws)),
    bus: 'lockstep-staging',
    random: () => 0.5,
    pause: async (milliseconds) => void waited.push(milliseconds),
  });
});
afterEach(() => aws.close());

const idsTaken = (): readonly string[] =>
  aws.taken.map(({ Detail }) => (JSON.parse(Detail) as { readonly id: string }).id);

describe('publishing', () => {
  it('puts the whole event on its bus, under its type', async () => {
    await bus.publish([event('e1')]);
    expect(aws.taken).toEqual([
      {
        EventBusName: 'lockstep-staging',
        Source: 'lockstep',
        DetailType: 'rotation.requested',
        Detail: JSON.stringify(event('e1')),
        Resources: ['vector-store'],
        Time: Date.parse('2026-11-24T09:00:00.000Z') / 1000,
      },
    ]);
  });

  it('is read back as the same event from what EventBridge delivers', async () => {
    await bus.publish([event('e1')]);
    const [entry] = aws.taken;
    const delivered = {
      version: '0',
      id: 'aws',
      source: entry?.Source,
      'detail-type': entry?.DetailType,
      detail: JSON.parse(entry?.Detail ?? '') as unknown,
    };
    expect(eventOfDelivery(delivered)).toEqual(event('e1'));
  });

  it('sends nothing for nothing', async () => {
    await bus.publish([]);
    expect(aws.calls).toEqual([]);
  });

  it('sends ten at a time, in order', async () => {
    const ids = Array.from({ length: 23 }, (_, index) => `e${index}`);
    await bus.publish(ids.map((id) => event(id)));
    expect(aws.inputs('PutEvents').map(({ Entries }) => (Entries as unknown[]).length)).toEqual([10, 10, 3]);
    expect(idsTaken()).toEqual(ids);
  });

  it('sends fewer at a time where ten would be too large', async () => {
    await bus.publish(Array.from({ length: 10 }, (_, index) => event(`e${index}`, 'x'.repeat(60_000))));
    expect(aws.inputs('PutEvents').map(({ Entries }) => (Entries as unknown[]).length)).toEqual([4, 4, 2]);
  });

  it('publishes all others, then refuses the one that EventBridge can never take', async () => {
    const huge = event('huge', 'x'.repeat(MAX_BYTES));
    await expect(bus.publish([event('a'), huge, event('b')])).rejects.toMatchObject({
      code: 'MALFORMED_EVENT',
    });
    expect(idsTaken()).toEqual(['a', 'b']);
  });
});

describe('failures', () => {
  it('sends again only what was not taken', async () => {
    aws.failing = ['b', 'b', 'd'];
    await bus.publish(['a', 'b', 'c', 'd'].map((id) => event(id)));
    expect([...idsTaken()].sort()).toEqual(['a', 'b', 'c', 'd']);
    expect(aws.inputs('PutEvents').map(({ Entries }) => (Entries as unknown[]).length)).toEqual([4, 2, 1]);
    expect(waited).toEqual([150, 300]);
  });

  it('says BUS_UNAVAILABLE after four times, and what EventBridge called it, but not its text', async () => {
    aws.failing = ['b', 'b', 'b', 'b'];
    const error: unknown = await bus
      .publish(['a', 'b'].map((id) => event(id)))
      .catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({
      code: 'BUS_UNAVAILABLE',
      message: expect.stringContaining('took 1 of 2 events (InternalFailure)') as string,
    });
    expect(String(error)).not.toContain('failed with');
    expect(idsTaken()).toEqual(['a']);
  });

  it('does not take a 200 for a success', async () => {
    for (let time = 0; time < 4; time += 1)
      aws.fail('PutEvents', { garbled: '{"FailedEntryCount":0,"Entries":[]}' });
    await expect(bus.publish([event('a')])).rejects.toMatchObject({ code: 'BUS_UNAVAILABLE' });
  });

  it('says BUS_UNAVAILABLE when EventBridge does not answer, having tried three times', async () => {
    for (let time = 0; time < 3; time += 1) aws.fail('PutEvents', 'lose-before');
    await expect(bus.publish([event('a')])).rejects.toMatchObject({ code: 'BUS_UNAVAILABLE' });
    expect(aws.inputs('PutEvents')).toHaveLength(3);
  });

  it('publishes twice rather than never when an answer is lost', async () => {
    aws.fail('PutEvents', 'lose-after');
    await bus.publish([event('a')]);
    expect(idsTaken()).toEqual(['a', 'a']);
  });
});

it('packs any sizes in order, within both limits, and never into more requests than pairs could need', () => {
  const sizes = fc.array(fc.integer({ min: 1, max: MAX_BYTES }), { maxLength: 60 });
  fc.assert(
    fc.property(sizes, (all) => {
      const packed = batches(all.map((bytes) => ({ bytes })));
      expect(packed.flat().map(({ bytes }) => bytes)).toEqual(all);
      for (const batch of packed) {
        expect(batch.length).toBeLessThanOrEqual(MAX_ENTRIES);
        expect(batch.reduce((sum, { bytes }) => sum + bytes, 0)).toBeLessThanOrEqual(MAX_BYTES);
      }
      // greedy: a batch was closed only because the next entry did not fit
      packed.slice(1).forEach((batch, index) => {
        const before = packed[index] ?? [];
        const sum = before.reduce((total, { bytes }) => total + bytes, 0) + (batch[0]?.bytes ?? 0);
        expect(before.length === MAX_ENTRIES || sum > MAX_BYTES).toBe(true);
      });
    }),
  );
});
