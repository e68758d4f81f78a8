import { CreateEventBusCommand, DeleteEventBusCommand, EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { eventBridgeBus } from '../../../lambdas/adapters/eventbridge-bus/eventbridge-bus.ts';
import type { Bus } from '../../../lambdas/core/ports/bus.ts';
import { anAdvance } from '../../fakes/an-event.ts';
import { codeOf } from '../../ports/under-test.ts';
import { bedAddresses } from '../launch/bed-addresses.ts';
import { clientAt, uniqueName } from '../ports/bed-client.ts';
import type { AwsCall } from '../proxy/aws-call.ts';
import { jsonAnswer, type Interceptor } from '../proxy/bed-proxy.ts';
import { describeFaults, type FaultCase, type FaultsUnderTest } from './describe-faults.ts';
import { startFaultyBed } from './faulty-bed.ts';
import { impatient } from './impatient.ts';

interface BusUnderFaults extends FaultsUnderTest {
  readonly bus: Bus;
  /** The ids of the events that the bed took, repeats included. */
  readonly taken: readonly string[];
}

interface Entry {
  readonly Detail: string;
}

const entriesOf = ({ parameters }: AwsCall): readonly Entry[] => parameters['Entries'] as readonly Entry[];
const idOf = ({ Detail }: Entry): string => (JSON.parse(Detail) as { readonly id: string }).id;

async function busUnderFaults(isImpatient: boolean): Promise<BusUnderFaults> {
  const { ministack } = bedAddresses();
  const taken: string[] = [];
  const watch: Interceptor = async (call, pass) => {
    const answer = await pass(call);
    const { FailedEntryCount: failed } = JSON.parse(answer.body.toString('utf8')) as {
      readonly FailedEntryCount: number;
    };
    expect(failed).toBe(0);
    taken.push(...entriesOf(call).map(idOf));
    return answer;
  };
  const bed = await startFaultyBed(ministack, [watch]);
  const direct = new EventBridgeClient(clientAt(ministack));
  const name = uniqueName('bus');
  await direct.send(new CreateEventBusCommand({ Name: name }));
  const settings = clientAt(bed.url);
  const client = new EventBridgeClient(isImpatient ? impatient(settings) : settings);
  const pause = (milliseconds: number): Promise<void> => sleep(milliseconds / 10);
  const cleanUp = async (): Promise<void> => {
    await direct.send(new DeleteEventBusCommand({ Name: name }));
    direct.destroy();
    client.destroy();
    await bed.close();
  };
  return { bed, bus: eventBridgeBus({ client, bus: name, random: Math.random, pause }), taken, cleanUp };
}

/** Three requests' worth. */
const EVENTS = Array.from({ length: 25 }, (_, index) => anAdvance(index + 1));
const IDS = EVENTS.map(({ id }) => id);

const CASES: readonly FaultCase<BusUnderFaults>[] = [
  {
    name: 'publishing',
    action: 'PutEvents',
    code: 'BUS_UNAVAILABLE',
    attempts: 3,
    run: ({ bus }) => bus.publish(EVENTS),
    // At least once: a repeat of what was lost on the way back is one of the same event.
    check: async ({ taken }) => expect(new Set(taken)).toEqual(new Set(IDS)),
  },
];

describeFaults('the bus', busUnderFaults, CASES);

/** Takes all but some entries of a request, as EventBridge does: the answer says which, in the order of the request. */
const failing =
  (isFailing: (id: string) => boolean): Interceptor =>
  async (call, pass) => {
    const entries = entriesOf(call);
    const good = entries.filter((entry) => !isFailing(idOf(entry)));
    if (good.length > 0)
      await pass({
        ...call,
        body: Buffer.from(JSON.stringify({ Entries: good })),
        parameters: { Entries: good },
      });
    const failed = { ErrorCode: 'InternalFailure', ErrorMessage: 'injected' };
    return jsonAnswer(200, {
      FailedEntryCount: entries.length - good.length,
      Entries: entries.map((entry) =>
        isFailing(idOf(entry)) ? failed : { EventId: `taken-${idOf(entry)}` },
      ),
    });
  };

const withBus = (work: (subject: BusUnderFaults) => Promise<void>) => async (): Promise<void> => {
  const subject = await busUnderFaults(false);
  try {
    await work(subject);
  } finally {
    await subject.cleanUp();
  }
};

it(
  'sends again those entries that were not taken, and no others',
  withBus(async ({ bed, bus, taken }) => {
    bed.plan(
      'PutEvents',
      failing((id) => ['event-3', 'event-7'].includes(id)),
    );
    await bus.publish(EVENTS);
    expect([...taken].sort()).toEqual([...IDS].sort());
    expect(bed.calls('PutEvents').map((call) => entriesOf(call).length)).toEqual([10, 2, 10, 5]);
  }),
);

it(
  'says that an entry was not taken in four attempts, and loses none when they are published again',
  withBus(async ({ bed, bus, taken }) => {
    bed.plan(
      'PutEvents',
      failing((id) => id === 'event-3'),
      Number.POSITIVE_INFINITY,
    );
    await expect(bus.publish(EVENTS)).rejects.toMatchObject({
      code: 'BUS_UNAVAILABLE',
      message: expect.stringContaining('InternalFailure') as string,
    });
    expect(bed.calls('PutEvents')).toHaveLength(4);
    expect(taken).not.toContain('event-3');
    bed.mend();
    await bus.publish(EVENTS);
    expect(new Set(taken)).toEqual(new Set(IDS));
  }),
);

it(
  'does not take an answer for granted that says less than it was asked',
  withBus(async ({ bed, bus, taken }) => {
    const short: Interceptor = async () => jsonAnswer(200, { FailedEntryCount: 0, Entries: [] });
    bed.plan('PutEvents', short);
    expect(await codeOf(bus.publish(EVENTS))).toBe('none');
    expect([...taken].sort()).toEqual([...IDS].sort());
  }),
);
