import { missingAdopters, missingReturners, isOver } from '../../lambdas/core/rotation/rotation.ts';
import type { Order } from '../../lambdas/contracts/orders.ts';
import { theEnd } from './ending.ts';
import type { Sabotage } from './stores.ts';
import type { Deed, Story } from './story.ts';
import { World } from './world.ts';

/** Plays a story to its end and answers everything that was wrong in it: nothing, in the best case. */
export async function play(story: Story, sabotage?: Sabotage): Promise<World> {
  const world = new World(story.casting, story.climate, sabotage);
  world.weather.hush(true);
  await world.adoptAll();
  world.weather.hush(false);
  for (const deed of story.deeds) {
    if (deed.afterSeconds > 0) await world.pass(deed.afterSeconds);
    await world.goOn(deed.afterTurns);
    await doIt(world, deed.does);
  }
  await theEnd(world, story);
  return world;
}

/** A deed is begun, and goes on while the next ones follow. */
async function doIt(world: World, does: Deed['does']): Promise<void> {
  switch (does.kind) {
    case 'redrive':
      return void world.giveOrder({ order: 'redrive', reason: 'a story' });
    case 'kill':
      return world.kill();
    case 'jump':
      // Nobody's invocation spans it: a lock that runs out by a jump protects nothing, and nothing can.
      await world.rest();
      return world.time.jump(does.seconds);
    case 'cadence':
      return world.send('rotation.due', {
        credential: nameOf(world, does.who),
        cause: 'cadence',
        requestId: `cadence ${does.request}`,
      });
    case 'breach':
      // Whoever declares a breach does not stop before it is answered.
      return world.insist({
        order: 'revoke-breach',
        credential: nameOf(world, does.who),
        reason: 'a leak',
      });
    case 'force':
      return forceMissing(world, nameOf(world, does.who));
    default:
      return void world.giveOrder({
        order: does.kind,
        credential: nameOf(world, does.who),
        reason: 'a story',
      } satisfies Order);
  }
}

function nameOf({ inventory }: World, who: number): string {
  return inventory.credentials[who % inventory.credentials.length]?.name ?? '';
}

/** Names whoever is missing, as `status` shows it. */
async function forceMissing(world: World, credential: string): Promise<void> {
  const live = world.stores.ledger
    .rows('rotation')
    .find((row) => row.credential === credential && !isOver(row.body));
  const missing = !live ? [] : live.body.rollback ? missingReturners(live.body) : missingAdopters(live.body);
  const dependents = missing.map(({ name }) => name);
  void world.giveOrder({ order: 'force', credential, dependents, reason: 'a story' });
}
