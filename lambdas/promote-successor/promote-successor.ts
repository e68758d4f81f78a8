import {
  auditedEffect,
  auditFact,
  type AuditPorts,
  type AuditSubject,
} from '../core/audit/audited-effect.ts';
import { secretName, type Inventory } from '../core/credential.ts';
import { isLockstepError, LockstepError } from '../core/errors.ts';
import type { HeldLock } from '../core/lock/credential-lock.ts';
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
 * Makes the successor current: the one moment of a rotation that dependents can see. Call it under the
 * credential's lock, with the rotation as it stands then: AWSCURRENT may be where it was again after a
 * roll-back, so that the comparison alone would not stop a promotion that comes too late. From the move until the
 * ledger has it the lock is kept, whatever fails: a look at the vault may not show the move yet, and whoever gave the
 * rotation up on the strength of it would give up what dependents already read.
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
  lock: Pick<HeldLock, 'keep' | 'letGo'>,
): Promise<void> {
  const { credential, token, predecessor } = rotation;
  if (rotation.promotedAt) return;
  if (rotation.reached !== 'verified' || !predecessor) {
    throw new LockstepError(
      'OUT_OF_ORDER',
      `rotation ${token} of ${credential} is not verified; it cannot be promoted`,
    );
  }
  const holder = Object.entries(secret.versions).find(([, labels]) => labels.includes('AWSCURRENT'))?.[0];
  if (holder === undefined || !(await mayBeReplaced(ports, rotation, holder))) {
    throw new LockstepError(
      'LABEL_CONFLICT',
      `AWSCURRENT of ${credential} is on ${holder ?? 'no version'}, not on ${predecessor.version}, which rotation ${token} began from; ` +
        `somebody moved it. See: lockstep inventory drift ${credential}`,
    );
  }
  const secretId = secretName(ports.inventory.environment, credential);
  await auditedEffect(ports, promotionSubject(ports, rotation), () => {
    lock.keep();
    return ports.vault.moveCurrent(secretId, { to: token, from: holder }).catch((error: unknown) => {
      // A refusal is known to have moved nothing; an answer that never came says nothing.
      if (isLockstepError(error) && error.remedy !== 'retry') lock.letGo();
      throw error;
    });
  });
  // After the outcome: while the ledger lags, whoever comes next answers the intent again.
  await recordPromotion(ports, rotation);
  lock.letGo();
}

/**
 * The predecessor; or the version of a rotation that was given up while its own promotion was on its way,
 * which only breach mode does, since it waits for no lock. Any other version was put there by somebody else.
 */
async function mayBeReplaced(
  { ledger }: Pick<PromotionPorts, 'ledger'>,
  { credential, predecessor }: Rotation,
  holder: string,
): Promise<boolean> {
  if (holder === predecessor?.version) return true;
  const owner = (await ledger.read('rotation', credential, holder))?.body;
  return owner?.phase === 'abandoned';
}

const promotionSubject = (
  { functionName }: Pick<PromotionPorts, 'functionName'>,
  { credential, token, requestedBy, cause, reason }: Rotation,
): AuditSubject => ({
  chain: credential,
  action: 'promote',
  who: { kind: 'function', name: functionName, via: requestedBy },
  what: { credential, rotation: token, version: token },
  why: { cause, ...(reason === undefined ? {} : { reason }) },
});

/**
 * What a replayed step and reconcile do when the process died between the move and its record: the label is
 * the truth, audit and ledger follow it. The intent is in the audit already, and gets its outcome here.
 */
export async function recordFoundPromotion(
  ports: Omit<PromotionPorts, 'vault'>,
  rotation: Rotation,
): Promise<void> {
  const found = { outcome: 'done', note: 'AWSCURRENT was found on it' } as const;
  await auditFact(ports, promotionSubject(ports, rotation), 'outcome', found);
  await recordPromotion(ports, rotation);
}

/** Writes down a promotion that the vault shows. */
async function recordPromotion(
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
