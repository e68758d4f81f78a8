import { auditedEffect, type AuditSubject } from '../../core/audit/audited-effect.ts';
import type { AuditAction } from '../../core/audit/record.ts';
import { secretName, type Credential } from '../../core/credential.ts';
import { LockstepError } from '../../core/errors.ts';
import { withLock } from '../../core/lock/credential-lock.ts';
import type { HeldVersion } from '../../core/ports/rotator.ts';
import type { VersionRef } from '../../core/rotation/rotation.ts';
import { takeWritesOfMend } from '../../core/rotation/take-vault-writes.ts';
import { lockedWith } from '../install-successor.ts';
import { readIfPresent } from '../read-versions.ts';
import { rotatorRequest } from '../rotator-request.ts';
import type { TargetPorts } from '../target-ports.ts';

/**
 * Adoption without a person: makes a first value, stores it as AWSCURRENT, has the target accept it and proves
 * it. The value is stored before the target knows it, so a crash in between leaves nothing that nobody can
 * read; running again goes on from the stored value.
 */
export async function issueFirst(
  ports: TargetPorts,
  credential: Credential,
  token: string,
): Promise<VersionRef> {
  const rotator = ports.rotatorFor(credential.kind);
  if (rotator.capabilities.endsPredecessorAtInstall) {
    throw new LockstepError(
      'NOT_SUPPORTED',
      `${credential.name} is its own authority: its first value can only come from a person`,
    );
  }
  const call = rotatorRequest(ports, credential, { token, fence: 0 });
  const holder = { holder: ports.newId(), seconds: ports.lockSeconds };
  return withLock(ports.ledger, ports.clock, lockedWith(ports.inventory, credential), holder, async () => {
    const current = await readIfPresent(ports, credential, {});
    if (current && current.version !== token) {
      throw new LockstepError(
        'ALREADY_ADOPTED',
        `${credential.name} has a current value already; adopt it as it is`,
      );
    }
    const first = current ?? (await issueAndStore(ports, credential, token));
    await auditedEffect(ports, subject(ports, credential, 'install', first), () =>
      rotator.install(call, first, undefined),
    );
    await rotator.verify(call, first);
    await reapOthers(ports, credential, token, first.key);
    return { version: first.version, key: first.key };
  });
}

async function issueAndStore(
  ports: TargetPorts,
  credential: Credential,
  token: string,
): Promise<HeldVersion> {
  // First, so that nothing is made at the target that could not be stored.
  await takeWritesOfMend(ports, 1);
  const call = rotatorRequest(ports, credential, { token, fence: 0 });
  const issued = await auditedEffect(ports, subject(ports, credential, 'issue', { version: token }), () =>
    ports.rotatorFor(credential.kind).issue(call, undefined),
  );
  const held = { version: token, ...issued };
  const secretId = secretName(ports.inventory.environment, credential.name);
  await auditedEffect(ports, subject(ports, credential, 'put-first', held), () =>
    ports.vault.putFirst(secretId, token, issued.value),
  );
  return held;
}

/** Keys of lost attempts at this first value: they carry the token, and their values reached nobody. */
async function reapOthers(
  ports: TargetPorts,
  credential: Credential,
  token: string,
  keep: string,
): Promise<void> {
  const rotator = ports.rotatorFor(credential.kind);
  if (!rotator.capabilities.mintsAtTarget) return;
  const call = rotatorRequest(ports, credential, { token, fence: 0 });
  for (const { key, token: madeFor } of await rotator.listOurs(call)) {
    if (madeFor !== token || key === keep) continue;
    await auditedEffect(ports, subject(ports, credential, 'reap', { version: token, key }), () =>
      rotator.revoke(call, { version: token, key }),
    );
  }
}

const subject = (
  ports: TargetPorts,
  { name }: Credential,
  action: AuditAction,
  { version, key }: { readonly version: string; readonly key?: string },
): AuditSubject => ({
  chain: name,
  action,
  who: { kind: 'function', name: ports.functionName },
  what: { credential: name, version, ...(key === undefined ? {} : { key }) },
  why: { cause: 'adoption' },
});
