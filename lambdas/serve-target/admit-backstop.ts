import type { Credential } from '../core/credential.ts';
import { LockstepError } from '../core/errors.ts';
import type { Rotation } from '../core/rotation/rotation.ts';
import { takeWritesOfMend } from '../core/rotation/take-vault-writes.ts';
import { admitRotation } from '../request-rotation/admit-rotation.ts';
import type { TargetPorts } from './target-ports.ts';

/**
 * Secrets Manager's own schedule fired, with a token that nobody requested from us. It passes the same gate
 * as any other request; a refusal throws before any effect and leaves a valueless AWSPENDING, which
 * reconcile takes off.
 */
export async function admitBackstop(
  ports: TargetPorts,
  credential: Credential,
  token: string,
): Promise<Rotation> {
  const request = {
    credential: credential.name,
    cause: 'backstop',
    requestedBy: 'secretsmanager',
    requestId: token,
  } as const;
  await takeWritesOfMend(ports, 2);
  const answer = await admitRotation(ports, { ...request, token });
  if (answer.admitted) return answer.rotation;
  throw new LockstepError(answer.code, answer.message);
}
