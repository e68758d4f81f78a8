import { auditedEffect, type AuditPorts } from '../core/audit/audited-effect.ts';
import { secretName, type Inventory } from '../core/credential.ts';
import { LockstepError } from '../core/errors.ts';
import { makeEvent } from '../core/make-event.ts';
import { replace, type Ledger } from '../core/ports/ledger.ts';
import type { SecretDescription, Vault } from '../core/ports/vault.ts';
import { recordTransition } from '../core/rotation/record-transition.ts';
import type { Rotation } from '../core/rotation/rotation.ts';
import { instant } from '../core/time.ts';

/** What promotion needs from outside. */
export interface PromotionPorts extends AuditPorts {
  readonly inventory: Inventory;
  readonly ledger: Ledger;
  readonly vault: Vault;
  readonly functionName: string;
}

/**
 * Makes the successor current: the one moment of a rotation that dependents can see.
 *
 * Refuses a successor that was not verified. The move names the version that it takes AWSCURRENT from, so a
 * label that somebody moved by hand stops it instead of being overwritten. An audit that cannot be written
 * stops it as well. Never revokes anything: a retry of `finishSecret` returns early once AWSCURRENT is on the
 * token, and whatever stood behind that would be lost.
 */
export async function promoteSuccessor(
  ports: PromotionPorts,
  rotation: Rotation,
  secret: SecretDescription,
): Promise<void> {
  const { credential, token, predecessor } = rotation;
  if (rotation.reached !== 'verified' || !predecessor) {
    throw new LockstepError(
      'OUT_OF_ORDER',
      `rotation ${token} of ${credential} is not verified; it cannot be promoted`,
    );
  }
  const holder = Object.entries(secret.versions).find(([, labels]) => labels.includes('AWSCURRENT'))?.[0];
  if (holder !== predecessor.version) {
    throw new LockstepError(
      'LABEL_CONFLICT',
      `AWSCURRENT of ${credential} is on ${holder ?? 'no version'}, not on ${predecessor.version}, which rotation ${token} began from; ` +
        `somebody moved it. See: lockstep inventory drift ${credential}`,
    );
  }
  const subject = {
    chain: credential,
    action: 'promote' as const,
    who: { kind: 'function' as const, name: ports.functionName, via: rotation.requestedBy },
    what: { credential, rotation: token, version: token },
    why: { cause: rotation.cause, ...(rotation.reason === undefined ? {} : { reason: rotation.reason }) },
  };
  await auditedEffect(ports, subject, async () => {
    const secretId = secretName(ports.inventory.environment, credential);
    await ports.vault.moveCurrent(secretId, { to: token, from: predecessor.version });
    await recordPromotion(ports, rotation);
  });
}

/**
 * Writes down a promotion that the vault already shows. Also what a replayed step does when the process died
 * between the move and this: the label is the truth, the ledger follows it.
 */
export async function recordPromotion(
  ports: Pick<PromotionPorts, 'inventory' | 'ledger' | 'clock' | 'newId'>,
  { credential, token }: Rotation,
): Promise<void> {
  const at = instant(ports.clock());
  await recordTransition(ports.ledger, credential, token, { type: 'promoted', at }, async (after) => {
    const state = await ports.ledger.read('credential', credential, 'state');
    if (!state)
      throw new LockstepError(
        'NOT_ADOPTED',
        `the ledger knows nothing of ${credential}; run: lockstep adopt ${credential}`,
      );
    const source = { environment: ports.inventory.environment, clock: ports.clock, newId: ports.newId };
    const currentKey = after.successor?.key;
    return {
      writes: [
        replace(state, {
          ...state.body,
          current: token,
          currentSince: at,
          ...(currentKey ? { currentKey } : {}),
        }),
      ],
      events: [makeEvent(source, 'rotation.advanced', { credential, rotation: token })],
    };
  });
}
