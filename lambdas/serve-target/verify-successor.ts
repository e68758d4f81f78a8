import { auditFact } from '../core/audit/audited-effect.ts';
import type { Credential, RetirePolicy } from '../core/credential.ts';
import { describeError, LockstepError } from '../core/errors.ts';
import { create } from '../core/ports/ledger.ts';
import { recordTransition } from '../core/rotation/record-transition.ts';
import type { Rotation } from '../core/rotation/rotation.ts';
import { instant } from '../core/time.ts';
import { auditSubject } from './audit-subject.ts';
import { expectationOf } from './expectation.ts';
import { readHeld, readPending } from './read-versions.ts';
import { authorityOf, rotatorRequest } from './rotator-request.ts';
import type { TargetPorts } from './target-ports.ts';

/**
 * `testSecret` of a rotation: uses the successor as its dependents will, and writes down what is expected of
 * each of them. From here on who has to adopt is frozen: a deployment in between changes nothing.
 */
export async function verifySuccessor(
  ports: TargetPorts,
  credential: Credential,
  rotation: Rotation,
): Promise<void> {
  if (rotation.reached === 'requested' || rotation.reached === 'issued') {
    throw new LockstepError(
      'OUT_OF_ORDER',
      `rotation ${rotation.token} of ${credential.name} is not installed yet; setSecret comes first`,
    );
  }
  const successor = await readPending(ports, credential, rotation.token);
  const rotator = ports.rotatorFor(credential.kind);
  const subject = auditSubject(ports, rotation, 'verify', { version: rotation.token, key: successor.key });
  try {
    await rotator.verify(rotatorRequest(ports, credential, rotation), successor);
  } catch (error) {
    await auditFact(ports, subject, 'outcome', { outcome: 'failed', code: describeError(error).code });
    throw error;
  }
  await auditFact(ports, subject, 'outcome', { outcome: 'done' });

  const id = `${rotation.token}#1`;
  const { dependents } = credential;
  const at = instant(ports.clock());
  const body = expectationOf(ports, { rotation, held: successor, change: 'promoted', dependents, at });
  await recordTransition(
    ports.ledger,
    credential.name,
    rotation.token,
    {
      type: 'verified',
      at,
      dependents,
      retire: retirePolicy(credential, rotation),
      observable: rotator.capabilities.evidence !== 'none',
      expectation: id,
    },
    // Only the first verification writes it: `verified` again is a repeat, and repeats write nothing.
    (_after, before) =>
      before.verifiedAt ? {} : { writes: [create('expectation', credential.name, id, body)] },
  );
}

/** After a breach nobody waits for the old version: it has been stopped already. */
const retirePolicy = ({ retire }: Credential, { cause }: Rotation): RetirePolicy =>
  cause === 'breach' ? { ...retire, drainSeconds: 0, soakSeconds: 0 } : retire;

/**
 * `testSecret` alone: Secrets Manager tries the configuration (`RotateImmediately: false`). Logs in with the
 * current value and, where there is one, uses the authority; writes no rotation, touches no pending version.
 */
export async function testOnly(ports: TargetPorts, credential: Credential, token: string): Promise<void> {
  const current = await readHeld(ports, credential);
  const call = rotatorRequest(ports, credential, { token, fence: 0 });
  await ports.rotatorFor(credential.kind).verify(call, current);
  const authority = authorityOf(ports, credential);
  if (authority.name === credential.name) return;
  const held = await readHeld(ports, authority);
  await ports.rotatorFor(authority.kind).verify(rotatorRequest(ports, authority, { token, fence: 0 }), held);
}
