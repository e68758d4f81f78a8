import type { Credential } from '../core/credential.ts';
import { LockstepError } from '../core/errors.ts';
import { withLock, type HeldLock } from '../core/lock/credential-lock.ts';
import { readRotation } from '../core/rotation/record-transition.ts';
import { hasEndedWithoutSuccess, type Rotation } from '../core/rotation/rotation.ts';
import type { TargetPorts } from './target-ports.ts';

/**
 * Runs work on a rotation under its credential's lock, and hands it the rotation as it stands once the lock
 * is held. What was read before may be old: whoever waited for the lock, or stood still on the way to it,
 * must not stop a version that others have meanwhile gone back to, nor bring one to life that they have ended.
 *
 * @param locked the credentials whose accounts the work may touch
 */
export async function withRotation<T>(
  ports: TargetPorts,
  { name }: Credential,
  token: string,
  work: (rotation: Rotation, lock: HeldLock) => Promise<T>,
  locked: readonly string[] = [name],
): Promise<T> {
  const holder = { holder: ports.newId(), seconds: ports.lockSeconds, purpose: token };
  return withLock(ports.ledger, ports.clock, locked, holder, async (lock) => {
    const { body } = await readRotation(ports.ledger, name, token);
    return work(body, lock);
  });
}

/** The guard of a step once more, now that the lock is held: what was given up meanwhile has no effect any more. */
export function assertNotGivenUp(rotation: Rotation): void {
  if (!hasEndedWithoutSuccess(rotation)) return;
  const { token, credential, phase } = rotation;
  throw new LockstepError(
    'ROTATION_ENDED',
    `version ${token} of ${credential} was given up meanwhile (${phase}); it has no effect any more`,
  );
}
