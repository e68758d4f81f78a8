import { secretName } from '../../lambdas/core/credential.ts';
import { LockstepError } from '../../lambdas/core/errors.ts';
import type { World } from '../simulation/world.ts';

/** The secret of a credential of the simulated world. */
export const secretOf = (credential: string): string => secretName('simulated', credential);

/** Longer than a rotation may stand before promotion until it counts as stuck. */
export const STUCK_SECONDS = 1000;

/** The target of a kind refuses every value that it is shown, until the test mends it. */
export function refuseProofs(world: World, kind: string): () => void {
  const target = world.stores.targetOf({ kind });
  const verify = target.verify.bind(target);
  target.verify = () => Promise.reject(new LockstepError('SUCCESSOR_REJECTED', 'it does not work'));
  return () => {
    target.verify = verify;
  };
}
