import { expect } from 'vitest';
import { type Phase, type Rotation } from '../../lambdas/core/rotation/rotation.ts';
import { secretName } from '../../lambdas/core/credential.ts';
import type { Casting, Habit, Role } from './cast.ts';
import type { SimulatedDependent } from './simulated-dependent.ts';
import type { Standstill } from './standstill.ts';
import { FINE, type Climate } from './weather.ts';
import { World } from './world.ts';

/** A world in which every credential has its first value, on a fine day unless said otherwise. */
export async function aWorld(
  habits: Casting['habits'],
  options: Partial<Omit<Casting, 'habits'> & { readonly climate: Partial<Climate> }> = {},
): Promise<World> {
  const { climate, ...casting } = options;
  const world = new World(
    { habits, onDeadline: 'hold-and-page', mintsReversibly: false, ...casting },
    { ...FINE, ...climate },
  );
  world.weather.hush(true);
  await world.adoptAll();
  world.weather.hush(false);
  return world;
}

/** One credential whose dependents have these habits. */
export const aWorldOf = (role: Role, ...habits: readonly Habit[]): Promise<World> =>
  aWorld({ [role]: habits });

/** The newest rotation of a credential. */
export function lastRotation(world: World, credential: string): Rotation {
  const rows = world.stores.ledger.rows('rotation').filter((row) => row.credential === credential);
  const last = rows.sort((a, b) => a.body.fence - b.body.fence).at(-1)?.body;
  if (!last) throw new RangeError(`${credential} has never rotated`);
  return last;
}

/** Lets time pass until the newest rotation is in one of these phases; fails the test when it never is. */
export async function until(
  world: World,
  credential: string,
  phases: readonly Phase[],
  everySeconds = 5,
): Promise<Rotation> {
  for (let tries = 0; tries < 20_000; tries += 1) {
    const rotation = lastRotation(world, credential);
    if (phases.includes(rotation.phase)) return rotation;
    await world.pass(everySeconds);
  }
  throw new RangeError(`${credential} is ${lastRotation(world, credential).phase}, never ${phases.join()}`);
}

/** Lets time pass until something holds. */
export async function untilSo(world: World, holds: () => boolean, what: string): Promise<void> {
  for (let tries = 0; tries < 10_000; tries += 1) {
    if (holds()) return;
    await world.pass(1);
  }
  throw new RangeError(`it never came to this: ${what}`);
}

/** Asks for a rotation and lets it be admitted. */
export async function rotate(world: World, credential: string): Promise<string> {
  const answer = await world.order({ order: 'rotate', credential, reason: 'a test' });
  if (typeof answer === 'string') throw new RangeError(answer);
  return String(answer.facts['rotation']);
}

/** The dependent of that name. */
export function dependentOf(world: World, name: string): SimulatedDependent {
  const found = world.stores.dependents.find(({ declared }) => declared.name === name);
  if (!found) throw new RangeError(`no dependent ${name}`);
  return found;
}

/** The version that holds AWSCURRENT. */
export const currentOf = (world: World, credential: string): string | undefined =>
  world.stores.vault.holderOf(secretName(world.inventory.environment, credential), 'AWSCURRENT');

/** Nothing has been promised in vain so far. */
export function expectClean(world: World): void {
  world.stores.judge.assertClean();
  expect(world.oracle.violations).toEqual([]);
}

/** Begins something and waits until somebody stands still at this call. */
export async function standingAt(
  world: World,
  call: string,
  moment: 'before' | 'after',
  begin: () => Promise<unknown> = () => Promise.resolve(),
): Promise<Standstill> {
  const standstill = world.standstills.at(call, moment);
  void begin();
  await untilSo(world, () => standstill.isReached, `somebody calls ${call}`);
  return standstill;
}

/** Ends the process when it comes to this call: before its effect, or after it and before its answer. */
export async function dieAt(...at: Parameters<typeof standingAt>): Promise<void> {
  const standstill = await standingAt(...at);
  at[0].kill();
  standstill.goOn();
}

/** One round of reconcile, over all credentials or one: what it found, and what became of it, as `<credential>: <action>`. */
export async function reconcileNow(world: World, credential?: string): Promise<readonly string[]> {
  const before = world.stores.discrepancies.length;
  await world.send('reconcile.due', credential === undefined ? {} : { credential });
  await world.pass(1);
  return world.stores.discrepancies.slice(before).map(({ credential: name, action }) => `${name}: ${action}`);
}

/** Whether the target lets in whoever has that version's value. */
export function works(world: World, credential: string, version: string | undefined): boolean {
  const declared = world.inventory.credentials.find(({ name }) => name === credential);
  const value =
    version && world.stores.vault.valueOf(secretName(world.inventory.environment, credential), version);
  return !!declared && !!value && world.stores.targetOf(declared).accepts(credential, value);
}
