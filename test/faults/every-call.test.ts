import { describe, expect, it } from 'vitest';
import type { Order } from '../../lambdas/contracts/orders.ts';
import { secretName } from '../../lambdas/core/credential.ts';
import type { Phase } from '../../lambdas/core/rotation/rotation.ts';
import { FAULTS, type Fault } from '../fakes/faulty.ts';
import type { Role } from '../simulation/cast.ts';
import { aWorld, currentOf, lastRotation, until, works } from '../simulation/stage.ts';
import type { World } from '../simulation/world.ts';

const EVERYBODY = { store: ['prompt', 'sessions'], agents: ['poller'], hook: ['prompt'] } as const;

const hasRotated = (world: World, credential: Role): boolean =>
  world.stores.ledger.rows('rotation').some((row) => row.credential === credential);

/** Gives an order until somebody takes it, as a person does who got no answer. */
async function order(world: World, wanted: Order, isTaken: () => boolean): Promise<void> {
  for (let tries = 0; tries < 100 && !isTaken(); tries += 1) {
    await world.order(wanted);
    await world.pass(5);
  }
}

const rotated = (world: World, credential: Role): Promise<void> =>
  order(world, { order: 'rotate', credential, reason: 'a test' }, () => hasRotated(world, credential));

/** What happens, and where it must end. */
interface Story {
  readonly name: string;
  readonly roles: readonly Role[];
  readonly before?: (world: World, role: Role) => Promise<void>;
  readonly happens: (world: World, role: Role) => Promise<void>;
  readonly ends: readonly Phase[];
}

const STORIES: readonly Story[] = [
  {
    name: 'a rotation',
    roles: ['store', 'agents', 'hook', 'db-admin', 'api-admin'],
    happens: rotated,
    ends: ['retired'],
  },
  {
    name: 'a roll-back',
    roles: ['store', 'agents', 'hook'],
    before: async (world, role) => {
      await rotated(world, role);
      await until(world, role, ['adopted'], 1);
    },
    happens: (world, credential) =>
      order(
        world,
        { order: 'roll-back', credential, reason: 'a test' },
        () => lastRotation(world, credential).rollback !== undefined,
      ),
    ends: ['rolled-back'],
  },
  {
    name: 'an answer to a breach',
    roles: ['store', 'agents', 'hook', 'db-admin', 'api-admin'],
    happens: (world, credential) => world.insist({ order: 'revoke-breach', credential, reason: 'a leak' }),
    ends: ['retired'],
  },
];

/** Plays a story with one fault, and says what was wrong with it in the end: nothing, in the best case. */
async function played(
  { before, happens, ends }: Story,
  role: Role,
  fault: Fault,
  call: number,
): Promise<{ readonly wrong: readonly string[]; readonly isStruck: boolean }> {
  const world = await aWorld(EVERYBODY);
  await before?.(world, role);
  world.weather.appoint(call, fault);
  await happens(world, role);
  await until(world, role, ends, 20);
  await world.pass(60);
  const pending = world.stores.vault.holderOf(secretName('simulated', role), 'AWSPENDING');
  const current = currentOf(world, role);
  const wrong = [
    ...world.stores.judge.breaches(),
    ...world.oracle.violations,
    ...world.stores.watch.unanswered().map((effect) => `no outcome: ${effect}`),
    ...(works(world, role, current) ? [] : ['the current version does not work']),
    ...(pending === undefined || pending === current ? [] : ['a pending label is left']),
  ];
  return { wrong, isStruck: !world.weather.isAppointed };
}

describe.each(STORIES)('$name', (story) => {
  const cases = story.roles.flatMap((role) => FAULTS.map((fault) => [role, fault] as const));
  it.each(cases)('of %s ends well, whichever one call meets this: %s', async (role, fault) => {
    const failures: string[] = [];
    let call = 0;
    for (let isStruck = true; isStruck;) {
      call += 1;
      const { wrong, isStruck: wasStruck } = await played(story, role, fault, call);
      failures.push(...wrong.map((what) => `call ${call}: ${what}`));
      isStruck = wasStruck;
    }
    expect(failures).toEqual([]);
    // a story without calls would prove nothing
    expect(call).toBeGreaterThan(50);
  });
});
