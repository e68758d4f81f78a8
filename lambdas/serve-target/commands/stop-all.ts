import { auditedWithoutWaiting } from '../../core/audit/audited-effect.ts';
import { secretName, type Credential } from '../../core/credential.ts';
import { isLockstepError, LockstepError } from '../../core/errors.ts';
import type { Cause } from '../../core/events.ts';
import type { HeldVersion } from '../../core/ports/rotator.ts';
import { readHeld } from '../read-versions.ts';
import { rotatorRequest } from '../rotator-request.ts';
import type { TargetPorts } from '../target-ports.ts';

/**
 * Breach mode: stops every version that may work and ends its sessions. Waits for no audit, no lock, no
 * drain; one version that cannot be stopped does not keep the others alive.
 *
 * A credential that is its own authority cannot be stopped before it is replaced: without it nothing could
 * make its successor. Its current version ends with the rotation that breach mode asks for next. Changed in
 * place, the pending version may be the only one that works by now, and stays as well. The vault may show a
 * promotion late, and the ledger may hear of one late: what either of them calls current stays.
 */
export async function stopAll(
  ports: TargetPorts,
  credential: Credential,
  cause: Cause,
): Promise<{ readonly stopped: readonly string[]; readonly failed: readonly string[] }> {
  const stopped: string[] = [];
  const failed: string[] = [];
  for (const held of await versionsToStop(ports, credential)) {
    const ended = await stopOne(ports, credential, held, cause);
    (ended ? stopped : failed).push(held.key);
  }
  return { stopped, failed };
}

/** Every version with a value, each key once, the current one first; a self-changing credential keeps what it may need. */
async function versionsToStop(ports: TargetPorts, credential: Credential): Promise<readonly HeldVersion[]> {
  const { versions } = await ports.vault.describe(secretName(ports.inventory.environment, credential.name));
  const holds = (version: string, label: string): boolean => versions[version]?.includes(label) ?? false;
  const isCurrent = (version: string): boolean => holds(version, 'AWSCURRENT');
  const state = (await ports.ledger.read('credential', credential.name, 'state'))?.body;
  const isNeeded = (version: string): boolean =>
    (credential.authority === undefined && (isCurrent(version) || version === state?.current)) ||
    (credential.strategy === 'in-place' && holds(version, 'AWSPENDING'));
  // Shared by a sender and a receiver, and known to no target: only its replacement takes it out of use.
  if (credential.strategy === 'dual-value') return [];
  const ordered = Object.keys(versions).sort((a, b) => Number(isCurrent(b)) - Number(isCurrent(a)));
  const byKey = new Map<string, HeldVersion>();
  for (const version of ordered) {
    if (isNeeded(version)) continue;
    const held = await readOrNothing(ports, credential, version);
    if (held && !byKey.has(held.key)) byKey.set(held.key, held);
  }
  return [...byKey.values()];
}

/** A version without a value, or with one that cannot be read as such, has nothing at the target that we could name. */
async function readOrNothing(
  ports: TargetPorts,
  credential: Credential,
  version: string,
): Promise<HeldVersion | undefined> {
  try {
    return await readHeld(ports, credential, { version });
  } catch (error) {
    if (isLockstepError(error, 'UNKNOWN_VERSION', 'VALUE_MALFORMED')) return undefined;
    throw error;
  }
}

async function stopOne(
  ports: TargetPorts,
  credential: Credential,
  held: HeldVersion,
  cause: Cause,
): Promise<boolean> {
  const state = (await ports.ledger.read('credential', credential.name, 'state'))?.body;
  const subject = {
    chain: credential.name,
    action: 'disable' as const,
    who: { kind: 'function' as const, name: ports.functionName },
    what: { credential: credential.name, version: held.version, key: held.key },
    why: { cause, reason: 'breach' },
  };
  const call = rotatorRequest(ports, credential, { token: held.version, fence: state?.fence ?? 0 });
  try {
    await auditedWithoutWaiting(ports, subject, () => ports.rotatorFor(credential.kind).stopNow(call, held));
    return true;
  } catch (error) {
    if (error instanceof LockstepError) return false;
    throw error;
  }
}
