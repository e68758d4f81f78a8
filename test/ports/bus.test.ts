import { SqliteBus } from '../../embedded/bus/sqlite-bus.ts';
import type { SqliteBusOptions, Turbulence } from '../../embedded/bus/bus-options.ts';
import type { LockstepEvent } from '../../lambdas/core/events.ts';
import { seededRandom } from '../fakes/counted-ids.ts';
import { FakeClock } from '../fakes/fake-clock.ts';
import { MemoryBus } from '../fakes/memory-bus.ts';
import { seededTurbulence } from '../fakes/seeded-turbulence.ts';
import { tempFolder } from '../fakes/temp-folder.ts';
import { describeBusContract, type BusUnderTest } from './bus-contract.ts';

const RETRIES = { maxAttempts: 4, baseSeconds: 2, capSeconds: 60 };
const ROUGH = { repeated: 0.5, delaySeconds: 30, isShuffled: true };

/** Lets a minute pass at a time, and fails rather than waiting for ever. */
async function until(
  condition: () => boolean | Promise<boolean>,
  round: () => Promise<unknown>,
): Promise<void> {
  for (let rounds = 0; rounds < 60; rounds += 1) {
    await round();
    if (await condition()) return;
  }
  throw new Error('an hour passed, and it never came to pass');
}

async function memoryBus(turbulence?: Turbulence): Promise<BusUnderTest> {
  const clock = new FakeClock();
  const bus = new MemoryBus({ clock: clock.now, retries: RETRIES, ...(turbulence ? { turbulence } : {}) });
  return {
    bus,
    deadLetters: bus,
    attempts: RETRIES.maxAttempts,
    wire: (handler, work) => bus.wire(handler, work),
    until: (condition) =>
      until(condition, async () => {
        await bus.deliverDue();
        await clock.advance(60);
      }),
    cleanUp: async () => bus.judge.assertClean(),
  };
}

async function sqliteBus(turbulence?: Turbulence): Promise<BusUnderTest> {
  const folder = tempFolder();
  const clock = new FakeClock();
  const handlers: Record<string, (event: LockstepEvent) => Promise<void>> = {};
  const options: SqliteBusOptions = {
    path: folder.at('bus.sqlite'),
    clock: clock.now,
    sleep: clock.sleep,
    random: seededRandom(1),
    retries: RETRIES,
    handlers,
    awsHandlers: {},
    concurrency: 2,
    onError: (error) => {
      throw error;
    },
    ...(turbulence ? { turbulence } : {}),
  };
  const bus = new SqliteBus(options);
  bus.start();
  return {
    bus,
    deadLetters: bus,
    attempts: RETRIES.maxAttempts,
    wire: (handler, work) => void (handlers[handler] = work),
    until: (condition) => until(condition, () => clock.advance(60)),
    cleanUp: async () => {
      await bus.stop();
      bus.close();
      folder.remove();
    },
  };
}

describeBusContract('the memory bus', () => memoryBus());
describeBusContract('the memory bus in a storm', () => memoryBus(seededTurbulence(1, ROUGH)));
describeBusContract('the SQLite bus', () => sqliteBus());
describeBusContract('the SQLite bus in a storm', () => sqliteBus(seededTurbulence(2, ROUGH)));
