import { auditFact } from '../core/audit/audited-effect.ts';
import { LockstepError } from '../core/errors.ts';
import { endRotation } from '../core/rotation/end-rotation.ts';
import type { Rotation } from '../core/rotation/rotation.ts';
import { instant } from '../core/time.ts';
import { credentialOf, decisionSubject, type AdvancePorts } from './advance-ports.ts';

/**
 * Has the version that is to go ended for good, and ends the rotation, but only when the target itself was
 * seen to refuse it. Unknown is not refused: the delivery is tried again, and in the end somebody is paged.
 */
export async function revokeAndEnd(ports: AdvancePorts, rotation: Rotation): Promise<void> {
  const { credential, token, kind, phase } = rotation;
  const { family } = credentialOf(ports, rotation);
  const { refused } = await ports.targets.call(family, { do: 'revoke', credential, rotation: token });
  if (refused !== 'refused') {
    throw new LockstepError(
      'NOT_YET',
      `the version that rotation ${token} of ${credential} ended is ${refused === 'accepted' ? 'still accepted by' : 'not known to be refused by'} its target; asking again`,
    );
  }
  const outcome = phase === 'rolling-back' ? 'rolled-back' : 'retired';
  const subject = decisionSubject(ports, rotation, outcome === 'retired' ? 'retire' : 'roll-back');
  await auditFact(ports, subject, 'outcome', { outcome: 'done' });
  await endRotation(ports.ledger, rotation, { type: 'revoked', at: instant(ports.clock()), refused });
  ports.metrics.count('lockstep_rotations', { outcome, kind });
}
