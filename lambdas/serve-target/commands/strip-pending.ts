import { auditedEffect } from '../../core/audit/audited-effect.ts';
import { secretName, type Credential } from '../../core/credential.ts';
import { LockstepError } from '../../core/errors.ts';
import { isOver } from '../../core/rotation/rotation.ts';
import { takeWritesOfMend } from '../../core/rotation/take-vault-writes.ts';
import type { TargetPorts } from '../target-ports.ts';

/**
 * Takes AWSPENDING off a version that no live rotation owns: what a refused rotation or a stranger left, and
 * what blocks the next one. Never touches the label where it sits on AWSCURRENT, a legal end state.
 */
export async function stripPending(
  ports: TargetPorts,
  credential: Credential,
  version: string,
): Promise<{ readonly stripped: boolean }> {
  const secretId = secretName(ports.inventory.environment, credential.name);
  const labels = (await ports.vault.describe(secretId)).versions[version] ?? [];
  if (!labels.includes('AWSPENDING') || labels.includes('AWSCURRENT')) return { stripped: false };
  const owner = await ports.ledger.read('rotation', credential.name, version);
  if (owner && !isOver(owner.body)) {
    throw new LockstepError(
      'OUT_OF_ORDER',
      `version ${version} of ${credential.name} belongs to a rotation that is ${owner.body.phase}`,
    );
  }
  const subject = {
    chain: credential.name,
    action: 'strip-pending' as const,
    who: { kind: 'function' as const, name: ports.functionName },
    what: { credential: credential.name, version },
    why: { cause: 'reconcile' as const, reason: 'pending, and owned by no live rotation' },
  };
  await takeWritesOfMend(ports, 1);
  await auditedEffect(ports, subject, () => ports.vault.removePending(secretId, version));
  return { stripped: true };
}
