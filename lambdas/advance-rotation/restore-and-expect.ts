import { auditFact } from '../core/audit/audited-effect.ts';
import { isLockstepError, LockstepError } from '../core/errors.ts';
import { replace } from '../core/ports/ledger.ts';
import { endRotation } from '../core/rotation/end-rotation.ts';
import { recordTransition } from '../core/rotation/record-transition.ts';
import type { Rotation } from '../core/rotation/rotation.ts';
import { instant } from '../core/time.ts';
import { credentialOf, decisionSubject, eventNow, type AdvancePorts } from './advance-ports.ts';
import { nextExpectationId } from './bring-back.ts';

/** Brings the predecessor back and writes what its dependents now have to prove: that they returned. */
export async function restoreAndExpect(ports: AdvancePorts, rotation: Rotation): Promise<void> {
  const { credential, token, predecessor } = rotation;
  const { family } = credentialOf(ports, rotation);
  if (!predecessor)
    throw new LockstepError(
      'OUT_OF_ORDER',
      `rotation ${token} of ${credential} has no predecessor to go back to`,
    );
  const current = await restore(ports, rotation, family);
  if (current === undefined) return;
  const { id } = await ports.targets.call(family, {
    do: 'expect',
    credential,
    rotation: token,
    id: nextExpectationId(rotation),
    version: predecessor.version,
    change: 'rolled-back',
    dependents: rotation.dependents.map(({ name }) => name),
  });
  const at = instant(ports.clock());
  await recordTransition(
    ports.ledger,
    credential,
    token,
    { type: 'restored', at, expectation: id },
    async () => {
      const state = await ports.ledger.read('credential', credential, 'state');
      if (!state) return {};
      const { body } = state;
      return {
        writes: [replace(state, { ...body, current, currentKey: predecessor.key, currentSince: at })],
      };
    },
  );
}

/** The version that is current again; `undefined` where there is nothing to go back to, and the rotation has ended. */
async function restore(ports: AdvancePorts, rotation: Rotation, family: string): Promise<string | undefined> {
  const { credential, token } = rotation;
  try {
    return (await ports.targets.call(family, { do: 'restore', credential, rotation: token })).current;
  } catch (error) {
    if (!isLockstepError(error, 'PREDECESSOR_REVOKED')) throw error;
    await giveUpTheWayBack(ports, rotation);
    return undefined;
  }
}

/**
 * The predecessor was revoked before the order came to it (its revocation was under way, or somebody ended it
 * at the target). The successor is current and works: the rotation ends there, and on-call hears of it.
 */
async function giveUpTheWayBack(ports: AdvancePorts, rotation: Rotation): Promise<void> {
  const { credential, token, kind } = rotation;
  const because = 'it could not be rolled back: the target refuses its predecessor, which was revoked';
  await auditFact(ports, decisionSubject(ports, rotation, 'abandon', { reason: because }), 'decision');
  const at = instant(ports.clock());
  const page = {
    id: `no-way-back-${token}`,
    severity: 'high' as const,
    title: `${credential}: it cannot be rolled back`,
    subject: credential,
    reasons: [
      `A roll-back of rotation ${token} was ordered, and the target refuses the version before it for good.`,
      'The successor is current, and stays. To get away from it, rotate again.',
    ],
    firstCommand: `lockstep rotate ${credential}`,
    at,
  };
  await endRotation(ports.ledger, rotation, { type: 'abandoned', at, because }, [
    eventNow(ports, 'page.requested', { page }),
  ]);
  ports.metrics.count('lockstep_rotations', { outcome: 'retired', kind });
}
