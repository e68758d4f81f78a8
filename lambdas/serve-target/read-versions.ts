import { secretName, type Credential } from '../core/credential.ts';
import { isLockstepError, LockstepError } from '../core/errors.ts';
import type { HeldVersion } from '../core/ports/rotator.ts';
import type { SecretVersion, VersionSelector } from '../core/ports/vault.ts';
import type { TargetPorts } from './target-ports.ts';

/** Reads a version of a credential, and times the read: the watch over our own latency. */
export async function readVersion(
  ports: TargetPorts,
  credential: Credential,
  selector: VersionSelector = {},
): Promise<SecretVersion> {
  const startedAt = ports.clock().getTime();
  const version = await ports.vault.read(secretName(ports.inventory.environment, credential.name), selector);
  ports.metrics.observe(
    'lockstep_vault_read_milliseconds',
    { reader: ports.functionName },
    ports.clock().getTime() - startedAt,
  );
  return version;
}

/** The same, with the version's public half. */
export async function readHeld(
  ports: TargetPorts,
  credential: Credential,
  selector: VersionSelector = {},
): Promise<HeldVersion> {
  const { version, value } = await readVersion(ports, credential, selector);
  return { version, value, key: ports.rotatorFor(credential.kind).keyOf(value) };
}

/** A version's value, or `undefined` where the version has none: normal before `createSecret` has run. */
export async function readIfPresent(
  ports: TargetPorts,
  credential: Credential,
  selector: VersionSelector,
): Promise<HeldVersion | undefined> {
  try {
    return await readHeld(ports, credential, selector);
  } catch (error) {
    if (isLockstepError(error, 'UNKNOWN_VERSION')) return undefined;
    throw error;
  }
}

/** How long to wait for a value that has just been written to become readable, in milliseconds, try by try. */
const WAITS = [100, 300, 900];

/**
 * The pending version's value. The vault promises no read of one's own write, so an absence is asked about
 * again before it is believed (https://docs.aws.amazon.com/secretsmanager/, eventual consistency).
 */
export async function readPending(
  ports: TargetPorts,
  credential: Credential,
  token: string,
): Promise<HeldVersion> {
  for (const wait of WAITS) {
    const pending = await readIfPresent(ports, credential, { version: token });
    if (pending) return pending;
    await ports.sleep(wait);
  }
  const pending = await readIfPresent(ports, credential, { version: token });
  if (pending) return pending;
  throw new LockstepError(
    'UNKNOWN_VERSION',
    `version ${token} of ${credential.name} has no value; createSecret has to run before this step`,
  );
}
