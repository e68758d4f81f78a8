import type { CredentialStatus } from '../../lambdas/report/show-status.ts';
import type { DeployedStage } from '../../test/beds/deployed/open-stage.ts';
import { rotate, statusOf, until } from '../../test/beds/deployed/stories/rotation-of.ts';
import { fanName, FANS } from './bench-workspace.ts';

/** A rotation that went the whole way, and when, in milliseconds since the epoch. */
export interface Gone {
  readonly credential: string;
  readonly token: string;
  readonly from: number;
  readonly until: number;
  readonly status: CredentialStatus;
}

/** Adopts everything, signing keys first: whoever is told needs one. */
export async function adoptAll(
  { as, targets, rotations }: DeployedStage,
  names: readonly string[],
): Promise<void> {
  const admin = as('platform-admin');
  const firstValues = Object.entries(targets.firstValues);
  for (const [name, value] of firstValues) {
    await admin.putFirst(name, value);
    await admin.order({ order: 'adopt', credential: name, value: 'stored' });
  }
  for (const credential of names.filter((name) => !firstValues.some(([each]) => each === name)))
    await admin.order({ order: 'adopt', credential, value: 'issue' });
  await rotations.driver.idle();
}

/** Rotates a credential until its predecessor is retired. */
export async function goRound({ as }: DeployedStage, credential: string): Promise<Gone> {
  const admin = as('platform-admin');
  const from = Date.now();
  const token = await rotate(admin, credential);
  const status = await until(
    `${credential} is retired`,
    () => statusOf(admin, credential),
    // That of the rotation before may be answered for a moment.
    ({ rotation }) => rotation?.token === token && rotation.phase === 'retired',
    900,
  );
  return { credential, token, from, until: Date.now(), status };
}

/** The credentials that differ in their dependents alone, one after the other, so that none waits for another. */
export async function goRoundFans(stage: DeployedStage): Promise<ReadonlyMap<number, Gone>> {
  const gone = new Map<number, Gone>();
  for (const count of FANS) gone.set(count, await goRound(stage, fanName(count)));
  return gone;
}
