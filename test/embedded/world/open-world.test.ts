import { expect, it } from 'vitest';
import { openWorld } from '../../../embedded/world/open-world.ts';
import { worldFolder } from '../../../embedded/world/world-folder.ts';
import type { LockstepEvent } from '../../../lambdas/core/events.ts';
import { makeEvent, type EventSource } from '../../../lambdas/core/make-event.ts';
import { countedIds } from '../../fakes/counted-ids.ts';
import { inTempFolder } from '../../fakes/temp-folder.ts';

const folder = inTempFolder();

/** A world without a credential that has heard one event, and what became of each delivery of it. */
async function afterHearing(heard: (source: EventSource) => LockstepEvent) {
  const inventory = { environment: 'local', digest: '', workloads: [], freezes: [], credentials: [] };
  const outcomes: string[] = [];
  let tell = (): void => undefined;
  const told = new Promise<void>((resolve) => (tell = resolve));
  const world = await openWorld({
    folder: worldFolder(folder().at()),
    inventory,
    pager: { page: async () => undefined },
    onDelivery: (outcome, handler, code) => {
      outcomes.push(`${handler} ${outcome} ${code}`);
      tell();
    },
  });
  await world.start();
  await world.bus.publish([heard({ environment: 'local', clock: world.clock, newId: countedIds() })]);
  await told;
  await world.stop();
  return { world, outcomes };
}

it('counts a message that can never work, and drops it, as the functions on AWS do', async () => {
  // nobody knows that rotation, and nobody ever will
  const { world, outcomes } = await afterHearing((source) =>
    makeEvent(source, 'rotation.advanced', { credential: 'store', rotation: 'none' }),
  );
  expect(outcomes).toEqual(['advance-rotation dropped UNKNOWN_VERSION']);
  expect(await world.bus.list()).toEqual([]);
  const counted = /^lockstep_messages_dropped_total\{.*code="UNKNOWN_VERSION".*\} 1/m;
  expect(await world.metrics.text()).toMatch(counted);
  world.close();
});

it('hears of leases where none can be had, and has nothing to do', async () => {
  const { world, outcomes } = await afterHearing((source) => makeEvent(source, 'leases.due', {}));
  expect(outcomes).toEqual(['sweep-leases delivered undefined']);
  expect(await world.bus.list()).toEqual([]);
  world.close();
});
