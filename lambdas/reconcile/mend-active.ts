import { auditFact } from '../core/audit/audited-effect.ts';
import { secretName } from '../core/credential.ts';
import type { EventType } from '../core/events.ts';
import { withLock } from '../core/lock/credential-lock.ts';
import { makeEvent } from '../core/make-event.ts';
import type { SecretDescription } from '../core/ports/vault.ts';
import { endRotation } from '../core/rotation/end-rotation.ts';
import { isOver, type Rotation } from '../core/rotation/rotation.ts';
import { instant, reached, secondsAfter } from '../core/time.ts';
import { recordFoundPromotion } from '../promote-successor/promote-successor.ts';
import { openIntent } from './open-intent.ts';
import { discrepancy, type Discrepancy, type ReconcilePorts, type Situation } from './reconcile-ports.ts';

/** How a successor stands that has never worked, for people. */
const WHY = {
  refused: 'its target refuses it',
  'no-value': 'it never got a value',
  absent: 'its pending label is gone',
} as const;

/** After so many failed steps a successor that the target refuses is given up. */
const GIVE_UP_AFTER_ATTEMPTS = 5;

/** The rotation that is not over: goes forward where it can, is reversed where it never worked. */
export async function mendActive(
  ports: ReconcilePorts,
  situation: Situation,
): Promise<readonly Discrepancy[]> {
  const { active, secret } = situation;
  if (!active || isOver(active)) return [];
  if (active.promotedAt) {
    // A lost timer or event: deciding again is harmless, and finds what is due.
    await publish(ports, 'rotation.advanced', active);
    return [];
  }
  if (isCurrent(secret, active)) return [await follow(ports, situation, active)];
  // What an operator's hold keeps from beginning waits for the release, and is neither stuck nor given up.
  if (isHeldBack(situation, active)) return [];
  const since = active.failure?.at ?? active.verifiedAt ?? active.requestedAt;
  if (!reached(secondsAfter(since, patience(ports, active)), ports.clock())) return [];
  return [await mendStuck(ports, situation, active)];
}

/** After a breach nobody has a value that works until this rotation is through: it is not left standing. */
const patience = ({ stuckAfterSeconds }: ReconcilePorts, { cause }: Rotation): number =>
  cause === 'breach' ? Math.min(60, stuckAfterSeconds) : stuckAfterSeconds;

const isHeldBack = ({ state }: Situation, { reached: far, cause }: Rotation): boolean =>
  state?.hold !== undefined && far === 'requested' && cause !== 'breach';

const isCurrent = ({ versions }: SecretDescription, { token }: Rotation): boolean =>
  versions[token]?.includes('AWSCURRENT') ?? false;

/** The label is the truth, where it can have come there by our own hand. */
async function follow(ports: ReconcilePorts, situation: Situation, active: Rotation): Promise<Discrepancy> {
  if (active.reached !== 'verified') {
    const what = `AWSCURRENT is on the successor of rotation ${active.token}, which is ${active.reached} and was never verified: somebody else moved it`;
    return discrepancy(situation, 'reported', what);
  }
  await recordFoundPromotion(ports, active);
  return discrepancy(
    situation,
    'finished',
    `rotation ${active.token}: the vault had promoted it, the ledger follows`,
  );
}

async function mendStuck(
  ports: ReconcilePorts,
  situation: Situation,
  active: Rotation,
): Promise<Discrepancy> {
  const { name, family } = situation.credential;
  await openIntent(ports, name);
  const { pending } = await ports.targets.call(family, {
    do: 'probe-pending',
    credential: name,
    rotation: active.token,
  });
  const attempts = active.failure?.attempts ?? 0;
  const neverWorked = pending === 'refused' || pending === 'no-value' || pending === 'absent';
  // A label that somebody took off does not come back, however often the rotation is started again.
  const lostItsLabel = pending === 'absent' && active.reached !== 'requested';
  if (neverWorked && (lostItsLabel || attempts >= GIVE_UP_AFTER_ATTEMPTS) && mayBeGivenUp(active)) {
    return giveUp(ports, situation, active, `${WHY[pending]}, after ${attempts} failed step(s)`);
  }
  // Works, or unknown, or not tried often enough: Secrets Manager replays the same token from where it stands.
  await publish(ports, 'rotation.requested', active);
  return discrepancy(
    situation,
    'finished',
    `rotation ${active.token} stood still at ${active.reached} (${pending}); started again`,
  );
}

/**
 * Changed in place, the target may know only the pending value: giving it up would lose the only one that works.
 * After a breach everything else has been stopped: this one is tried until it works.
 */
const mayBeGivenUp = ({ strategy, reached: far, cause }: Rotation): boolean =>
  cause !== 'breach' && (strategy !== 'in-place' || far === 'requested');

async function giveUp(
  ports: ReconcilePorts,
  situation: Situation,
  active: Rotation,
  because: string,
): Promise<Discrepancy> {
  const { credential, token, cause, kind } = active;
  const who = { kind: 'policy' as const, name: ports.functionName };
  const subject = {
    chain: credential,
    action: 'abandon' as const,
    who,
    what: { credential, rotation: token },
    why: { cause, reason: because },
  };
  // Promotion looks, moves the label and writes it down under the lock: nothing is given up in between, nor what a
  // process has promoted that died before it could write that down.
  const holder = { holder: ports.newId(), seconds: 60 };
  const isGivenUp = await withLock(ports.ledger, ports.clock, [credential], holder, async (lock) => {
    const secretId = secretName(ports.inventory.environment, credential);
    if (isCurrent(await ports.vault.describe(secretId), active)) return false;
    await lock.assertHeld();
    await auditFact(ports, subject, 'decision');
    await endRotation(ports.ledger, active, { type: 'abandoned', at: instant(ports.clock()), because });
    return true;
  });
  if (!isGivenUp) return follow(ports, situation, active);
  ports.metrics.count('lockstep_rotations', { outcome: 'abandoned', kind });
  // The ledger has it now; the label and the target follow, here or at the next round.
  await ports.targets.call(situation.credential.family, { do: 'clean-up', credential, rotation: token });
  return discrepancy(situation, 'reversed', `rotation ${token} was given up: ${because}`);
}

async function publish(
  ports: ReconcilePorts,
  type: Extract<EventType, 'rotation.advanced' | 'rotation.requested'>,
  active: Rotation,
): Promise<void> {
  const source = { environment: ports.inventory.environment, clock: ports.clock, newId: ports.newId };
  await ports.bus.publish([
    makeEvent(source, type, { credential: active.credential, rotation: active.token }),
  ]);
}
