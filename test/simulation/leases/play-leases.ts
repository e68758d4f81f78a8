import { instant, secondsAfter } from '../../../lambdas/core/time.ts';
import { HOLDERS, LEASED, REVOKER } from './lease-cast.ts';
import type { LeaseSabotage } from './lease-process.ts';
import type { LeaseDeed, LeaseStory } from './lease-story.ts';
import { LeaseWorld } from './lease-world.ts';

/**
 * Plays a story in which no clock has the sweeper look around; answers what was left to be ended when nobody had anything
 * more to do: nothing, in the best case, and without a second having passed since it was told.
 */
export async function playWithoutRounds(
  { climate, target, deeds }: LeaseStory,
  sabotage?: LeaseSabotage,
): Promise<readonly string[]> {
  const world = new LeaseWorld(climate, { sabotage, target, rounds: false });
  for (const [at, deed] of deeds.entries()) {
    if (deed.afterSeconds > 0) {
      await settled(world);
      await world.pass(deed.afterSeconds);
    }
    await world.goOn(deed.afterTurns);
    await doIt([world], world, deed.does, at);
  }
  await settled(world);
  return [...world.judge.breaches(), ...world.oracle.violations];
}

async function settled(world: LeaseWorld): Promise<void> {
  const begin = world.time.elapsed;
  await world.settle();
  const why = world.oracle.whyNotAtRest();
  if (why !== undefined) world.oracle.violated(`[6] an end waits for the clock: ${why}`);
  if (world.time.elapsed > begin) world.oracle.violated('[6] an end took time');
  world.oracle.checkRest(world.target.leaser);
}

/** How long everything may take to come to rest once the weather is fine, in seconds. */
const PATIENCE_SECONDS = 4 * 3600;
const LOOK_SECONDS = 300;

/** Plays a story to its end, and everything is revoked then; answers what was wrong: nothing, in the best case. */
export async function playLeases(story: LeaseStory, sabotage?: LeaseSabotage): Promise<readonly string[]> {
  const first = new LeaseWorld(story.climate, { sabotage, target: story.target });
  const worlds = [first, ...(story.deployments === 2 ? [neighbourOf(first)] : [])];
  for (const [at, deed] of story.deeds.entries()) {
    const world = worlds[(deed.at ?? 0) % worlds.length] ?? first;
    if (deed.afterSeconds > 0) await world.pass(deed.afterSeconds);
    await world.goOn(deed.afterTurns);
    await doIt(worlds, world, deed.does, at);
  }
  for (const world of worlds) {
    world.weather.hush(true);
    world.downUntil = world.time.elapsed;
  }
  for (const world of worlds) await untilAtRest(world, 'after the story');
  for (const world of worlds) await endOf(world);
  return worlds.flatMap(({ judge, oracle }) => [...judge.breaches(), ...oracle.violations]);
}

/** Honest, with a weather of its own. */
const neighbourOf = (beside: LeaseWorld): LeaseWorld => {
  const { climate } = beside.weather;
  return new LeaseWorld({ ...climate, seed: climate.seed + 1000 }, { beside });
};

/** Everything of one deployment is revoked, and nothing of another with it. */
async function endOf(world: LeaseWorld): Promise<void> {
  await revokeAll(world);
  await untilAtRest(world, 'after everything was revoked');
  const alive = world.alive().length;
  if (alive > 0) world.oracle.violated(`[2] ${alive} live on when everything was revoked`);
}

/** A deed is begun, and goes on while the next ones follow. */
async function doIt(
  worlds: readonly LeaseWorld[],
  world: LeaseWorld,
  does: LeaseDeed['does'],
  at: number,
): Promise<void> {
  const { leaser } = world.target;
  switch (does.kind) {
    case 'lease': {
      const [caller, what] = [HOLDERS[does.who], LEASED[does.what]];
      if (!caller || !what) return;
      const asks = {
        leasable: what.name,
        requestId: `request-${does.request}`,
        ttlSeconds: does.ttlSeconds,
      };
      return void world.lease(caller, asks, does.connects);
    }
    case 'renew':
    case 'release':
      return void askAbout(world, does);
    case 'revoke':
      return void world.ask(REVOKER, 'revoke', { by: does.by, ...nameOf(world, does), reason: 'a story' });
    case 'drop': {
      const id = pick(leaser.alive(), does.which) ?? '';
      for (const each of worlds) each.oracle.dropped(id);
      return leaser.drop(id);
    }
    case 'plant': {
      // Nobody can find it where nobody can ask for a list.
      if (!leaser.capabilities.listsOurs) return;
      const id = `${world.mark}${String(at).padStart(18, '0')}`;
      world.oracle.planted(id);
      return leaser.plant(id, 'store', secondsAfter(instant(world.time.now()), 3600));
    }
    case 'breach':
      return world.send('credential.breached', {
        credential: 'vector-store',
        by: 'person:sam',
        reason: 'a leak',
      });
    case 'round':
      return world.send('leases.due', {});
    case 'kill':
      return world.kill();
    case 'down':
      world.downUntil = world.time.elapsed + does.seconds * 1000;
      return;
    case 'jump':
      return world.time.jump(does.seconds);
  }
}

const pick = <T>(items: readonly T[], which: number): T | undefined =>
  items[which % Math.max(1, items.length)];

async function askAbout(
  world: LeaseWorld,
  { kind, which, ttlSeconds }: Extract<LeaseDeed['does'], { readonly kind: 'renew' | 'release' }>,
): Promise<void> {
  const lease = pick(world.given, which);
  const row = lease === undefined ? undefined : world.ledger.rowOf('lease', lease, 'lease')?.body;
  const holder = HOLDERS.find((each) => row?.principal === each.principal);
  if (!row || !holder) return;
  if (kind === 'renew') await world.ask(holder, 'renew', { lease: row.id, ttlSeconds });
  else await released(world, await world.ask(holder, 'release', { lease: row.id }), row.id);
}

/** Whoever was told that it is released is told the truth. */
async function released(world: LeaseWorld, answer: unknown, lease: string): Promise<void> {
  const phase = world.ledger.rowOf('lease', lease, 'lease')?.body.phase;
  if (typeof answer !== 'string' && (phase === 'live' || phase === 'issuing'))
    world.oracle.violated('[2] a lease was released and lives on');
}

function nameOf(
  { given }: LeaseWorld,
  { by, which }: Extract<LeaseDeed['does'], { readonly kind: 'revoke' }>,
): { readonly name?: string } {
  switch (by) {
    case 'lease':
      return { name: pick(given, which) ?? 'none' };
    case 'leasable':
      return { name: pick(LEASED, which)?.name ?? 'none' };
    case 'agent':
      return { name: pick(HOLDERS, which)?.is === 'agent' ? 'indexer' : 'other' };
    default:
      return {};
  }
}

/** Somebody who has to see it done. */
async function revokeAll(world: LeaseWorld): Promise<void> {
  const asked = world.ask(REVOKER, 'revoke', { by: 'all', reason: 'the end' });
  await world.pass(30);
  const answer = await asked;
  if (typeof answer === 'string') world.oracle.violated(`everything could not be revoked: ${answer}`);
}

/** Lets time pass until nothing has to be done any more, and looks at what has come of it. */
export async function untilAtRest(world: LeaseWorld, when: string): Promise<void> {
  await world.pass(120);
  for (let waited = 0; waited < PATIENCE_SECONDS && isRestless(world); waited += LOOK_SECONDS) {
    await world.pass(LOOK_SECONDS);
    await world.bus.redrive();
  }
  const why = world.oracle.whyNotAtRest();
  if (why !== undefined) world.oracle.violated(`[2] does not come to rest ${when}: ${why}`);
  world.oracle.checkRest(world.target.leaser);
}

/** What was planted is found by a comparison, which comes every five minutes. */
const isRestless = (world: LeaseWorld): boolean =>
  world.oracle.whyNotAtRest() !== undefined ||
  world.alive().some((id) => world.ledger.rowOf('lease', id, 'lease')?.body.phase !== 'live');
