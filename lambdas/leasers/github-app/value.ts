import { createPrivateKey, type KeyObject } from 'node:crypto';
import { LockstepError } from '../../core/errors.ts';
import { Secret } from '../../core/secret.ts';

/** GitHub makes keys of 2048 bits; RS256 asks for no fewer (RFC 7518 §3.3). */
const SHORTEST_BITS = 2048;

/** What the vault holds of the authority: `{"privateKey":"-----BEGIN PRIVATE KEY-----…"}`, in PKCS #8. */
export const privateKeyValue = (key: KeyObject): Secret =>
  new Secret(JSON.stringify({ privateKey: key.export({ type: 'pkcs8', format: 'pem' }).toString() }));

/** The private key in the value of an authority. Throws `VALUE_MALFORMED`, without quoting any of it. */
export function privateKeyIn(value: Secret): KeyObject {
  const fields = parsed(value);
  const pem = fields?.['privateKey'];
  const key =
    fields && Object.keys(fields).length === 1 && typeof pem === 'string' ? readPem(pem) : undefined;
  if (key) return key;
  throw new LockstepError(
    'VALUE_MALFORMED',
    `a lease authority of kind github-app should be an object of exactly privateKey, an RSA key of ${SHORTEST_BITS} bits or more in PEM; supply a correct one`,
  );
}

/**
 * The RSA key in a PEM, as GitHub gives it (PKCS #1) or as others write it (PKCS #8); `undefined` where it is none, is
 * sealed with a passphrase, or is too short.
 */
export function readPem(pem: string): KeyObject | undefined {
  try {
    const key = createPrivateKey({ key: pem, format: 'pem' });
    const bits = key.asymmetricKeyDetails?.modulusLength ?? 0;
    return key.asymmetricKeyType === 'rsa' && bits >= SHORTEST_BITS ? key : undefined;
  } catch {
    // What OpenSSL says of it is not repeated.
    return undefined;
  }
}

function parsed(value: Secret): Readonly<Record<string, unknown>> | undefined {
  try {
    const object: unknown = JSON.parse(value.reveal());
    return typeof object === 'object' && object !== null && !Array.isArray(object)
      ? { ...object }
      : undefined;
  } catch {
    // The parser's message quotes what it was given.
    return undefined;
  }
}
