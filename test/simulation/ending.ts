import { secretName, type Credential } from '../../lambdas/core/credential.ts';
import { isOver, type Rotation } from '../../lambdas/core/rotation/rotation.ts';
import { cooperates, habitOf } from './cast.ts';
import type { Story } from './story.ts';
import { LONG_SECONDS, type World } from './world.ts';

/** How long everything may take to come to rest once the weather is fine, in seconds; and how often that is looked at. */
const PATIENCE_SECONDS = 4 * LONG_SECONDS;
const LOOK_SECONDS = 900;

/**
 * The weather calms down, dead letters are driven again, holds are released (or not), and everything must
 * come to a legal end by itself. After that every credential that waits for nobody must still be able to rotate.
 */
export async function theEnd(world: World, { isReleased }: Story): Promise<void> {
  world.weather.hush(true);
  await world.rest();
  if (isReleased) await releaseAll(world);
  await untilAtRest(world, 'after the story');
  checkEnd(world);
  const free = world.inventory.credentials.filter(({ name }) => !isBusy(world, name));
  for (const { name } of free) await world.order({ order: 'rotate', credential: name, reason: 'one more' });
  await untilAtRest(world, 'after one more rotation');
  checkEnd(world);
  for (const { name } of free)
    if (!hasRotated(world, name)) world.oracle.violated(`[6] ${name} cannot rotate any more`);
  await checkAudit(world);
}

async function releaseAll(world: World): Promise<void> {
  for (const { name } of world.inventory.credentials)
    await world.order({ order: 'release', credential: name, reason: 'the end' });
}

async function untilAtRest(world: World, when: string): Promise<void> {
  for (let waited = 0; waited < PATIENCE_SECONDS; waited += LOOK_SECONDS) {
    await world.pass(LOOK_SECONDS);
    if ((await world.stores.bus.list()).length > 0)
      await world.order({ order: 'redrive', reason: 'an alarm' });
    else if (world.inventory.credentials.every((credential) => whyNotAtRest(world, credential) === undefined))
      return;
  }
  for (const credential of world.inventory.credentials) {
    const why = whyNotAtRest(world, credential);
    if (why !== undefined)
      world.oracle.violated(`[6] ${credential.name} does not come to rest ${when}: ${why}`);
  }
}

const stateOf = (world: World, name: string) =>
  world.stores.ledger.rows('credential').find(({ credential }) => credential === name)?.body;

const liveOf = (world: World, name: string): Rotation | undefined =>
  world.stores.ledger.rows('rotation').find(({ credential, body }) => credential === name && !isOver(body))
    ?.body;

const isBusy = (world: World, name: string): boolean =>
  liveOf(world, name) !== undefined || stateOf(world, name)?.hold !== undefined;

/** The last rotation that was begun has retired its predecessor, or waits for somebody who never moves. */
function hasRotated(world: World, name: string): boolean {
  const rows = world.stores.ledger.rows('rotation').filter(({ credential }) => credential === name);
  const last = rows.sort((a, b) => a.body.fence - b.body.fence).at(-1)?.body;
  return last !== undefined && (last.phase === 'retired' || last.phase === 'rolled-back' || !isOver(last));
}

/** A rotation may stand only where a hold or somebody who does not move keeps it. */
function whyNotAtRest(world: World, { name }: Credential): string | undefined {
  const live = liveOf(world, name);
  if (!live) return undefined;
  const isHeld = stateOf(world, name)?.hold !== undefined;
  const waits = live.rollback?.restoredAt ? live.rollback.returned : live.adoption;
  const missing = live.dependents.filter((dependent) => waits[dependent.name] === undefined);
  const stubborn = missing.filter((dependent) => !cooperates(habitOf(dependent.name)));
  const others = missing.filter((dependent) => !stubborn.includes(dependent));
  const at = `${live.phase} (${live.reached}, ${live.failure?.code ?? 'no failure'})`;
  switch (live.phase) {
    case 'adopting':
    case 'rolling-back':
      if (others.length > 0) return `${at} waits for ${others.map((each) => each.name).join()}`;
      return stubborn.length > 0 || isHeld ? undefined : `${at} waits for nobody`;
    case 'adopted':
    case 'disabled':
      return isHeld ? undefined : `${at} and no hold`;
    default:
      // No hold stops the answer to a breach: its dependents have nothing that works until it is through.
      return isHeld && live.cause !== 'breach' ? undefined : `${at} before promotion`;
  }
}

function checkEnd(world: World): void {
  for (const credential of world.inventory.credentials) {
    checkLabels(world, credential);
    checkDependents(world, credential);
    checkKeys(world, credential);
  }
}

function checkLabels(world: World, { name }: Credential): void {
  const { vault } = world.stores;
  const secret = secretName(world.inventory.environment, name);
  const current = vault.holderOf(secret, 'AWSCURRENT');
  const pending = vault.holderOf(secret, 'AWSPENDING');
  const state = stateOf(world, name);
  const live = liveOf(world, name);
  if (state?.current !== current)
    world.oracle.violated(`[6] ${name}: AWSCURRENT and the ledger disagree in the end`);
  if (pending !== undefined && pending !== current && pending !== live?.token)
    world.oracle.violated(`[6] ${name}: AWSPENDING is left on a version that nothing owns`);
}

/** Who moves has, in the end, a value that works: the current one unless a rotation is under way. */
function checkDependents(world: World, credential: Credential): void {
  const target = world.stores.targetOf(credential);
  for (const dependent of world.stores.dependents) {
    if (dependent.credential !== credential.name || !cooperates(dependent.habit)) continue;
    for (const { value } of dependent.instances)
      if (!target.accepts(credential.name, value.value))
        world.oracle.violated(`[6] ${dependent.declared.name} has no working value in the end`);
  }
}

/** Nothing works at the target that nobody needs. What sender and receiver share, no target can stop in a breach. */
function checkKeys(world: World, credential: Credential): void {
  if (credential.strategy === 'dual-value' && world.oracle.wasBreached(credential)) return;
  const { vault } = world.stores;
  const target = world.stores.targetOf(credential);
  const secret = secretName(world.inventory.environment, credential.name);
  const live = liveOf(world, credential.name);
  const current = vault.holderOf(secret, 'AWSCURRENT');
  const value = current === undefined ? undefined : vault.valueOf(secret, current);
  const needed = [value && target.keyOf(value), live?.predecessor?.key, live?.successor?.key];
  const orphans = target.liveKeys(credential.name).filter((key) => !needed.includes(key));
  if (orphans.length > 0)
    world.oracle.violated(`[6] ${credential.name}: ${orphans.join()} live on and nobody needs them`);
}

/** Every effect has an outcome, and the log verifies under the heads that were signed on the way. */
async function checkAudit(world: World): Promise<void> {
  for (const effect of world.stores.watch.unanswered())
    world.oracle.violated(`[4] an intent without an outcome or a later try: ${effect}`);
  const verified = await world.report({ query: 'audit-verify' });
  if (!('ok' in verified) || !verified.ok)
    world.oracle.violated(`[4] the audit does not verify: ${JSON.stringify(verified)}`);
}
