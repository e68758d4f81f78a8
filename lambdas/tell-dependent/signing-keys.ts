import { secretName } from '../core/credential.ts';
import { LockstepError } from '../core/errors.ts';
import type { Ledger } from '../core/ports/ledger.ts';
import type { Vault } from '../core/ports/vault.ts';
import type { Rotation } from '../core/rotation/rotation.ts';
import { Secret } from '../core/secret.ts';

/** What reading signing keys needs from outside. */
export interface SigningKeyPorts {
  readonly environment: string;
  readonly ledger: Ledger;
  readonly vault: Vault;
}

/**
 * The keys to sign a notice with, the current one first. While a rotation of the key is under way, also the
 * other one of its two versions, until `disabled`: the receiver may know only one of them yet. Standard
 * Webhooks carries several signatures for this.
 *
 * @param credential the name of a `random` credential
 */
export async function signingKeys(ports: SigningKeyPorts, credential: string): Promise<readonly Secret[]> {
  const secretId = secretName(ports.environment, credential);
  const current = await ports.vault.read(secretId);
  const state = (await ports.ledger.read('credential', credential, 'state'))?.body;
  const active =
    state?.active === undefined
      ? undefined
      : (await ports.ledger.read('rotation', credential, state.active))?.body;
  const other = active ? otherVersion(active, current.version) : undefined;
  if (other === undefined) return [signingSecret(credential, current.value)];
  const second = await ports.vault.read(secretId, { version: other });
  return [signingSecret(credential, current.value), signingSecret(credential, second.value)];
}

/** The version beside the current one that a receiver may still hold. A breached predecessor is nobody's once all have moved. */
function otherVersion(
  { phase, cause, successor, predecessor }: Rotation,
  current: string,
): string | undefined {
  const beside = [successor?.version, predecessor?.version].find((version) => version !== current);
  switch (phase) {
    case 'verified':
    case 'failed':
      // The vault has promoted it and the ledger does not know yet: receivers hold the predecessor.
      return current === successor?.version ? beside : undefined;
    case 'promoted':
    case 'adopting':
    case 'rolling-back':
      return beside;
    case 'adopted':
      return cause === 'breach' ? undefined : beside;
    default:
      return undefined;
  }
}

function signingSecret(credential: string, value: Secret): Secret {
  const secret = secretField(value);
  if (secret) return secret;
  throw new LockstepError(
    'VALUE_MALFORMED',
    `the value of ${credential} is not a signing key: expected an object with a "secret" of the form whsec_…`,
  );
}

function secretField(value: Secret): Secret | undefined {
  try {
    const parsed: unknown = JSON.parse(value.reveal());
    if (typeof parsed !== 'object' || parsed === null || !('secret' in parsed)) return undefined;
    return typeof parsed.secret === 'string' && parsed.secret.startsWith('whsec_')
      ? new Secret(parsed.secret)
      : undefined;
  } catch {
    // The parser's message quotes what it was given.
    return undefined;
  }
}
