import { expect, it } from 'vitest';
import { openWorld } from '../../../embedded/world/open-world.ts';
import { worldFolder } from '../../../embedded/world/world-folder.ts';
import { makeEvent } from '../../../lambdas/core/make-event.ts';
import { countedIds } from '../../fakes/counted-ids.ts';
import { inTempFolder } from '../../fakes/temp-folder.ts';

const folder = inTempFolder();

it('counts a message that can never work, and drops it, as the functions on AWS do', async () => {
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

  // nobody knows that rotation, and nobody ever will
  const source = { environment: 'local', clock: world.clock, newId: countedIds() };
  await world.bus.publish([
    makeEvent(source, 'rotation.advanced', { credential: 'store', rotation: 'none' }),
  ]);
  await told;
  await world.stop();

  expect(outcomes).toEqual(['advance-rotation dropped UNKNOWN_VERSION']);
  expect(await world.bus.list()).toEqual([]);
  const counted = /^lockstep_messages_dropped_total\{.*code="UNKNOWN_VERSION".*\} 1/m;
  expect(await world.metrics.text()).toMatch(counted);
  world.close();
});
