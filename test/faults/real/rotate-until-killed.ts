import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { LOCAL_OPERATOR } from '../../../embedded/world/authorise.ts';
import { openWorld, type World } from '../../../embedded/world/open-world.ts';
import { worldFolder } from '../../../embedded/world/world-folder.ts';
import { secretName, type Inventory } from '../../../lambdas/core/credential.ts';
import { makeEvent } from '../../../lambdas/core/make-event.ts';
import { isOver, missingAdopters, type Rotation } from '../../../lambdas/core/rotation/rotation.ts';
import { Secret } from '../../../lambdas/core/secret.ts';
import { tokenFor } from '../../../lambdas/request-rotation/admit-rotation.ts';

/*
 * The real world of one machine, without its server and services: opens the stores of a folder, adopts what is not,
 * has one credential rotated, and goes on until that rotation is over. Every effect of it may be its last one.
 */

/** What the process is told, in a file: values do not belong into arguments. */
export interface Told {
  readonly workspace: string;
  readonly inventory: Inventory;
  /** Values that a person puts. */
  readonly firstValues: Readonly<Record<string, string>>;
  readonly rotate: string;
  /** One request is one rotation, however many processes it takes. */
  readonly requestId: string;
  /** How far this process's clock is ahead: what its predecessor's leases and timers waited for is over. */
  readonly aheadSeconds: number;
}

/** What became of the rotation. */
export interface Ended {
  readonly phase: string;
  readonly isProvenRefused: boolean;
  readonly isAuditWhole: boolean;
  readonly dependents: number;
}

async function adoptAll(world: World, { firstValues, inventory }: Told): Promise<void> {
  for (const { name } of inventory.credentials) {
    if ((await world.ledger.read('credential', name, 'state'))?.body.adoptedAt) continue;
    const value = firstValues[name];
    if (value !== undefined) {
      const version = tokenFor({ credential: name, requestId: "a person's first value" });
      const vault = world.vault.vaultFor(LOCAL_OPERATOR);
      await vault.putFirst(secretName(inventory.environment, name), version, new Secret(value));
    }
    const order = {
      order: 'adopt',
      credential: name,
      value: value === undefined ? 'issue' : 'stored',
    } as const;
    await world.pipeline.operate({ name: 'a test' }, order);
  }
}

/** Nobody acknowledges here: whoever is missing is counted by an operator. */
async function forceMissing(world: World, { credential, phase, ...rest }: Rotation): Promise<void> {
  const dependents = missingAdopters({ credential, phase, ...rest }).map(({ name }) => name);
  if (phase !== 'adopting' || dependents.length === 0) return;
  await world.pipeline.operate(
    { name: 'a test' },
    { order: 'force', credential, dependents, reason: 'a test' },
  );
}

async function rotateToTheEnd(world: World, { rotate: credential, requestId }: Told): Promise<Rotation> {
  const source = { environment: world.inventory.environment, clock: world.clock, newId: () => requestId };
  const due = makeEvent(source, 'rotation.due', { credential, cause: 'operator', requestId });
  await world.bus.publish([due]);
  for (;;) {
    const token = tokenFor({ credential, requestId });
    const rotation = (await world.ledger.read('rotation', credential, token))?.body;
    if (rotation && isOver(rotation)) return rotation;
    if (rotation) await forceMissing(world, rotation);
    await sleep(50);
  }
}

const told = JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8')) as Told;
const world = await openWorld({
  folder: worldFolder(told.workspace),
  inventory: told.inventory,
  pager: { page: async () => undefined },
  clock: () => new Date(Date.now() + told.aheadSeconds * 1000),
});
world.makeSecrets();
await world.start();
await adoptAll(world, told);
process.stdout.write('adopted\n');
const rotation = await rotateToTheEnd(world, told);
await world.seal();
const audit = await world.pipeline.report({ query: 'audit-verify' });
const ended: Ended = {
  phase: rotation.phase,
  isProvenRefused: rotation.provenRefusedAt !== undefined,
  isAuditWhole: 'ok' in audit && audit.ok,
  dependents: rotation.dependents.length,
};
await world.stop();
world.close();
process.stdout.write(`${JSON.stringify(ended)}\n`);
