import { describe, expect, it } from 'vitest';
import { EVENT_ROUTES } from '../../lambdas/contracts/routes.ts';
import { LockstepError } from '../../lambdas/core/errors.ts';
import type { LockstepEvent } from '../../lambdas/core/events.ts';
import type { Bus, DeadLetters } from '../../lambdas/core/ports/bus.ts';
import { anAdvance, anEvent } from '../fakes/an-event.ts';
import { eachTime, type UnderTest } from './under-test.ts';

/** A bus that nothing was published on. Until `wire` a function of the routes table takes every event. */
export interface BusUnderTest extends UnderTest {
  readonly bus: Bus;
  readonly deadLetters: DeadLetters;
  /** What a function of the routes table does with an event. */
  readonly wire: (handler: string, work: (event: LockstepEvent) => Promise<void>) => void;
  /** Lets deliveries be made, and enough time pass for every retry, until the condition holds. */
  readonly until: (condition: () => boolean | Promise<boolean>) => Promise<void>;
  /** Attempts before a delivery is given up. */
  readonly attempts: number;
}

/** The contract of `Bus` and `DeadLetters`: at least once, in no order. */
export function describeBusContract(name: string, make: () => Promise<BusUnderTest>): void {
  describe(`${name} keeps the contract of a bus`, () => {
    const subject = eachTime(make);
    describeRouting(subject);
    describeFailing(subject);
    describeDeadLetters(subject);
  });
}

const told = (number: number, dependentKind: string): LockstepEvent =>
  anEvent(number, 'credential.changed', {
    credential: 'vector-store',
    kind: 'postgres',
    rotation: 'r',
    change: 'promoted',
    version: 'v',
    dependent: 'rag-api',
    dependentKind,
  });

function describeRouting(subject: () => BusUnderTest): void {
  it('takes an event, as it is, to every function that the routes name and to no other', async () => {
    const { bus, wire, until } = subject();
    const seen: string[] = [];
    for (const { handler } of EVENT_ROUTES)
      wire(handler, async (event) => void seen.push(`${handler} ${JSON.stringify(event)}`));
    const event = anAdvance(1);
    await bus.publish([event]);
    await until(() => seen.length > 0);
    await until(async () => (await subject().deadLetters.list()).length === 0);
    expect(new Set(seen)).toEqual(new Set([`advance-rotation ${JSON.stringify(event)}`]));
  });

  it('tells dependents of one kind apart', async () => {
    const { bus, wire, until } = subject();
    const seen: string[] = [];
    wire('tell-webhook', async ({ id }) => void seen.push(id));
    await bus.publish([told(1, 'poller'), told(2, 'webhook')]);
    await until(() => seen.length > 0);
    expect(new Set(seen)).toEqual(new Set(['event-2']));
  });

  it('delivers everything that was published, however much at once', async () => {
    const { bus, wire, until } = subject();
    const seen = new Set<string>();
    wire('advance-rotation', async ({ id }) => void seen.add(id));
    const events = Array.from({ length: 60 }, (_, index) => anAdvance(index + 1));
    await bus.publish(events);
    await until(() => seen.size === 60);
    expect([...seen].sort()).toEqual(events.map(({ id }) => id).sort());
  });
}

function describeFailing(subject: () => BusUnderTest): void {
  it('delivers again until the function succeeds', async () => {
    const { bus, wire, until } = subject();
    let calls = 0;
    wire('advance-rotation', async () => {
      calls += 1;
      if (calls < 3) throw new LockstepError('LEDGER_UNAVAILABLE', 'not now');
    });
    await bus.publish([anAdvance(1)]);
    await until(() => calls >= 3);
    expect(await subject().deadLetters.list()).toEqual([]);
  });

  it('lets one event fail without keeping the others', async () => {
    const { bus, wire, until } = subject();
    const seen = new Set<string>();
    wire('advance-rotation', async ({ id }) => {
      if (id === 'event-1') throw new LockstepError('LEDGER_UNAVAILABLE', 'not this one');
      seen.add(id);
    });
    await bus.publish([anAdvance(1), anAdvance(2)]);
    await until(() => seen.has('event-2'));
    expect(seen).toEqual(new Set(['event-2']));
  });

  it('drops an event that is wrong and stays wrong', async () => {
    const { bus, wire, until } = subject();
    const seen: string[] = [];
    wire('advance-rotation', async ({ id }) => {
      seen.push(id);
      if (id === 'event-1') throw new LockstepError('UNKNOWN_CREDENTIAL', 'no such credential');
    });
    await bus.publish([anAdvance(1)]);
    await until(() => seen.includes('event-1'));
    await bus.publish([anAdvance(2)]);
    await until(() => seen.includes('event-2'));
    expect(await subject().deadLetters.list()).toEqual([]);
  });
}

function describeDeadLetters(subject: () => BusUnderTest): void {
  const failing = async (): Promise<never> => {
    throw new LockstepError('LEDGER_UNAVAILABLE', 'never');
  };

  async function givenUp(...events: readonly LockstepEvent[]): Promise<void> {
    const { bus, wire, until } = subject();
    wire('advance-rotation', failing);
    await bus.publish(events);
    // A delivery that came twice is given up twice.
    await until(async () => (await deadIds()).size === events.length);
  }

  const deadIds = async (): Promise<ReadonlySet<string | undefined>> =>
    new Set((await subject().deadLetters.list()).map(({ event }) => event?.id));

  it('gives a delivery up after its attempts, with all that is needed to judge it', async () => {
    await givenUp(anAdvance(1));
    const [letter] = await subject().deadLetters.list();
    expect(letter).toMatchObject({ handler: 'advance-rotation', event: anAdvance(1) });
    expect(letter?.attempts).toBeGreaterThanOrEqual(subject().attempts);
    expect(letter?.lastError).not.toBe('');
  });

  it('drives given up deliveries again from the start', async () => {
    await givenUp(anAdvance(1, 'a'), anAdvance(2, 'b'));
    const { wire, until, deadLetters } = subject();
    const seen = new Set<string>();
    wire('advance-rotation', async ({ id }) => void seen.add(id));
    expect(await deadLetters.redrive()).toBeGreaterThanOrEqual(2);
    await until(() => seen.size === 2);
    expect(await deadLetters.list()).toEqual([]);
  });

  it('gives a delivery that is driven again all its attempts', async () => {
    await givenUp(anAdvance(1));
    const { wire, until, deadLetters, attempts } = subject();
    const calls = new Map<boolean, number>();
    let failures = attempts - 1;
    wire('advance-rotation', async () => {
      const fails = failures-- > 0;
      calls.set(fails, (calls.get(fails) ?? 0) + 1);
      if (fails) throw new LockstepError('LEDGER_UNAVAILABLE', 'not yet');
    });
    await deadLetters.redrive();
    await until(() => calls.has(false));
    expect(await deadLetters.list()).toEqual([]);
    expect(calls.get(true)).toBe(attempts - 1);
  });

  it('drives only those about one credential again', async () => {
    await givenUp(anAdvance(1, 'a'), anAdvance(2, 'b'));
    const { wire, until, deadLetters } = subject();
    const seen = new Set<string>();
    wire('advance-rotation', async ({ id }) => void seen.add(id));
    expect(await deadLetters.redrive('a')).toBeGreaterThanOrEqual(1);
    await until(() => seen.has('event-1'));
    expect(await deadIds()).toEqual(new Set(['event-2']));
  });
}
