import { LockstepError } from '../../core/errors.ts';
import { Secret } from '../../core/secret.ts';
import { isSigningKey } from '../../outbound/signed-message.ts';

/** What the vault holds of a `random` credential: `{"keyId": "…", "secret": "whsec_…"}`. */
export interface SigningValue {
  /** The token of the rotation that made it, or a name that a person gave it. */
  readonly keyId: string;
  readonly secret: Secret;
}

/** The secret string for the vault. */
export const signingValueText = ({ keyId, secret }: SigningValue): Secret =>
  new Secret(JSON.stringify({ keyId, secret: secret.reveal() }));

/**
 * Reads a stored or supplied value. Exactly the two fields, and a key of the strength that Standard Webhooks
 * asks for. Throws `VALUE_MALFORMED` without quoting any of it.
 */
export function readSigningValue(value: Secret): SigningValue {
  const fields = fieldsOf(value);
  if (!fields || Object.keys(fields).length !== 2) throw malformed('an object of keyId and secret');
  const { keyId, secret } = fields;
  if (typeof keyId !== 'string' || !/^[A-Za-z0-9_-]{1,64}$/.test(keyId))
    throw malformed('a keyId of 1 to 64 letters, digits, _ and -');
  const key = typeof secret === 'string' ? new Secret(secret) : undefined;
  if (!key || !isSigningKey(key)) throw malformed('a secret of whsec_ and the base64 of 24 to 64 bytes');
  return { keyId, secret: key };
}

const malformed = (expected: string): LockstepError =>
  new LockstepError('VALUE_MALFORMED', `a signing key's value should be ${expected}; put a correct one`);

function fieldsOf(value: Secret): Readonly<Record<string, unknown>> | undefined {
  try {
    const parsed: unknown = JSON.parse(value.reveal());
    return typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)
      ? { ...parsed }
      : undefined;
  } catch {
    // The parser's message quotes what it was given.
    return undefined;
  }
}
