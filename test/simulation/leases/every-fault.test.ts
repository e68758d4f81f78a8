import { describe, expect, it } from 'vitest';
import { FaultPlan, FAULTS, type Fault } from '../../fakes/faulty.ts';
import { FINE } from '../weather.ts';
import { HOLDERS, LEASED, REVOKER } from './lease-cast.ts';
import { untilAtRest } from './play-leases.ts';
import { LeaseWorld } from './lease-world.ts';

/** What is done with one lease, of which each effect meets each fault, once. */
type Story = (world: LeaseWorld) => Promise<void>;

const [holder] = HOLDERS;
const [, vault] = LEASED;

async function aLease(world: LeaseWorld, ttlSeconds: number): Promise<void> {
  if (!holder) return;
  const asks = { leasable: vault.name, requestId: 'request', ttlSeconds };
  await world.lease(holder, asks, true);
  // Whoever got no answer asks again, by the same request.
  if (world.given.length === 0) await world.lease(holder, asks, true);
}

const STORIES: Readonly<Record<string, Story>> = {
  'is issued, and expires': async (world) => {
    await aLease(world, 60);
    await world.pass(200);
  },
  'is issued, renewed, and released': async (world) => {
    await aLease(world, 300);
    const [lease] = world.given;
    if (!holder || lease === undefined) return;
    await world.ask(holder, 'renew', { lease, ttlSeconds: 600 });
    await world.ask(holder, 'release', { lease });
    await world.pass(30);
  },
  'is issued, and revoked with all others': async (world) => {
    await aLease(world, 1800);
    await world.ask(REVOKER, 'revoke', { by: 'all', reason: 'a story' });
    await world.pass(30);
  },
  'is issued, and revoked by itself while it is renewed': async (world) => {
    await aLease(world, 300);
    const [lease] = world.given;
    if (!holder || lease === undefined) return;
    await Promise.all([
      world.ask(holder, 'renew', { lease, ttlSeconds: 600 }),
      world.ask(REVOKER, 'revoke', { by: 'lease', name: lease, reason: 'a story' }),
    ]);
    await world.pass(30);
  },
};

/** Calls that change something. What befalls those that only read is a matter of weather. */
const EFFECTS = [
  'ledger.commit',
  'audit.append',
  'timer.schedule',
  'target.call',
  'bus.publish',
  'outbox.markPublished',
];

/** Answers what was wrong, and whether the fault was met at all. */
async function playWith(
  story: Story,
  number: number,
  fault: Fault,
): Promise<readonly [boolean, readonly string[]]> {
  let effects = 0;
  const plan = (): FaultPlan => {
    const one: FaultPlan = new FaultPlan(() => {
      if (!EFFECTS.includes(one.calls.at(-1) ?? '')) return undefined;
      effects += 1;
      return effects === number ? fault : undefined;
    });
    return one;
  };
  const world = new LeaseWorld(FINE, { plan });
  await story(world);
  const isMet = effects >= number;
  // What was not met by now is not met behind the story either.
  effects = Math.max(effects, number);
  await untilAtRest(world, 'in the end');
  const live = world.ledger.rows('lease').filter(({ body }) => body.phase === 'live');
  const alive = world.target.leaser.alive();
  const lost = alive.length === live.length ? [] : [`${alive.length} work and ${live.length} are live`];
  return [isMet, [...world.judge.breaches(), ...world.oracle.violations, ...lost]];
}

describe('whatever becomes of one effect, there is no live credential without a live lease when one', () => {
  it.each(Object.entries(STORIES))('%s', { timeout: 600_000 }, async (_what, story) => {
    const wrong: string[] = [];
    let effects = 0;
    for (let isMet = true; isMet;) {
      effects += 1;
      for (const fault of FAULTS) {
        const [met, said] = await playWith(story, effects, fault);
        isMet = met;
        wrong.push(...said.map((each) => `${fault} at effect ${effects}: ${each}`));
      }
    }
    expect(wrong).toEqual([]);
    expect(effects).toBeGreaterThan(15);
  });
});
