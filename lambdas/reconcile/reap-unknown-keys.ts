import { describeError } from '../core/errors.ts';
import type { OwnedKey } from '../core/ports/rotator.ts';
import { isOver } from '../core/rotation/rotation.ts';
import { reached, secondsAfter } from '../core/time.ts';
import { openIntent } from './open-intent.ts';
import { discrepancy, type Discrepancy, type ReconcilePorts, type Situation } from './reconcile-ports.ts';

/**
 * Live keys at the target that carry our name and that no version needs. Only while no rotation is under
 * way, since its own keys are its own business; and not every time, since the provider counts our calls.
 */
export async function reapUnknownKeys(
  ports: ReconcilePorts,
  situation: Situation,
): Promise<readonly Discrepancy[]> {
  const { credential, state, active } = situation;
  if (credential.strategy !== 'mint-and-retire' || !state?.adoptedAt || (active && !isOver(active)))
    return [];
  if (!(await isDue(ports, credential.name))) return [];
  await openIntent(ports, credential.name);
  const { keys } = await ports.targets.call(credential.family, {
    do: 'list-ours',
    credential: credential.name,
  });
  // A first value that was made at the target carries its version as its token; the ledger has no key of it yet.
  const unknown = keys.filter(({ key, token }) => key !== state.currentKey && token !== state.current);
  const found: Discrepancy[] = [];
  for (const key of unknown) found.push(await reapOne(ports, situation, key));
  return found;
}

async function isDue(
  { ledger, clock, orphansEverySeconds }: ReconcilePorts,
  credential: string,
): Promise<boolean> {
  const intents = await ledger.list('intent', credential);
  const last = intents.filter(({ body }) => body.purpose === 'reconcile').map(({ body }) => body.openedAt);
  return last.every((openedAt) => reached(secondsAfter(openedAt, orphansEverySeconds), clock()));
}

async function reapOne(
  ports: ReconcilePorts,
  situation: Situation,
  { key, token }: OwnedKey,
): Promise<Discrepancy> {
  const { name, family } = situation.credential;
  if (token === undefined)
    return discrepancy(situation, 'reported', `key ${key} at the target names no rotation`);
  try {
    await ports.targets.call(family, { do: 'revoke-orphan', credential: name, key, token });
    return discrepancy(situation, 'reaped', `key ${key}, left by rotation ${token}`);
  } catch (error) {
    return discrepancy(
      situation,
      'reported',
      `key ${key} of ${token} stays: ${describeError(error).message}`,
    );
  }
}
