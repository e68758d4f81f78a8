import { auditedEffect } from '../../core/audit/audited-effect.ts';
import type { Credential } from '../../core/credential.ts';
import { LockstepError } from '../../core/errors.ts';
import { withLock } from '../../core/lock/credential-lock.ts';
import type { OwnedKey } from '../../core/ports/rotator.ts';
import { isOver } from '../../core/rotation/rotation.ts';
import { readIfPresent } from '../read-versions.ts';
import { rotatorRequest } from '../rotator-request.ts';
import type { TargetPorts } from '../target-ports.ts';

/** Every live key at the target that carries our name for this credential. */
export async function listOurs(
  ports: TargetPorts,
  credential: Credential,
): Promise<{ readonly keys: readonly OwnedKey[] }> {
  const call = rotatorRequest(ports, credential, { token: 'none', fence: 0 });
  return { keys: await ports.rotatorFor(credential.kind).listOurs(call) };
}

/**
 * Ends a key that the ledger proves to be an orphan: made for a rotation that is over, in use by no version
 * that may still be used. Asked again here, at the moment of the effect, whatever the caller believed.
 */
export async function revokeOrphan(
  ports: TargetPorts,
  credential: Credential,
  orphan: { readonly key: string; readonly token: string },
): Promise<{ readonly revoked: boolean }> {
  const holder = { holder: ports.newId(), seconds: ports.lockSeconds };
  return withLock(ports.ledger, ports.clock, [credential.name], holder, async () => {
    await assertOrphan(ports, credential, orphan);
    const call = rotatorRequest(ports, credential, { token: orphan.token, fence: 0 });
    const subject = {
      chain: credential.name,
      action: 'reap' as const,
      who: { kind: 'function' as const, name: ports.functionName },
      what: { credential: credential.name, rotation: orphan.token, key: orphan.key },
      why: { cause: 'reconcile' as const, reason: 'a live key of a rotation that is over' },
    };
    await auditedEffect(ports, subject, () =>
      ports.rotatorFor(credential.kind).revoke(call, { version: orphan.token, key: orphan.key }),
    );
    return { revoked: true };
  });
}

async function assertOrphan(
  ports: TargetPorts,
  credential: Credential,
  { key, token }: { readonly key: string; readonly token: string },
): Promise<void> {
  const { name } = credential;
  const refuse = (why: string): never => {
    throw new LockstepError('OUT_OF_ORDER', `key ${key} of ${name} is not ours to end: ${why}`);
  };
  const state = (await ports.ledger.read('credential', name, 'state'))?.body;
  if (state?.currentKey === key || state?.current === token) refuse('it belongs to the current version');
  const made = await ports.ledger.read('rotation', name, token);
  if (!made) refuse(`the ledger knows no rotation ${token}`);
  else if (!isOver(made.body)) refuse(`rotation ${token} is not over`);
  const active =
    state?.active === undefined ? undefined : (await ports.ledger.read('rotation', name, state.active))?.body;
  if (active?.predecessor?.key === key) refuse(`it is the predecessor in rotation ${active.token}`);
  // The vault has the last word: somebody may have moved AWSCURRENT back to that key's version by hand.
  const current = await readIfPresent(ports, credential, {});
  if (current?.key === key) refuse('AWSCURRENT is on its version');
}
