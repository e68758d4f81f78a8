import { Webhook } from 'standardwebhooks';
import { LockstepError } from '../core/errors.ts';
import type { Secret } from '../core/secret.ts';

/** What is signed: the id repeats with every delivery of one message, `at` is the moment of this attempt. */
export interface Unsigned {
  readonly id: string;
  readonly at: Date;
  /** Exactly the bytes that are sent. */
  readonly body: string;
}

/**
 * The headers of a message as Standard Webhooks fixes them, with one signature per key, separated by spaces:
 * a receiver that holds any one of the keys can verify it
 * (https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md).
 *
 * Errors: `MALFORMED_EVENT` for an id that could move a border of what is signed, or of a header;
 * `VALUE_MALFORMED` for a key that is none.
 */
export function signedHeaders(
  keys: readonly Secret[],
  { id, at, body }: Unsigned,
): Readonly<Record<string, string>> {
  // Signed is `id.timestamp.body`: with a full stop in the id, two messages could share a text.
  if (!/^[\x21-\x2d\x2f-\x7e]{1,256}$/.test(id)) {
    throw new LockstepError(
      'MALFORMED_EVENT',
      'a message id should be 1 to 256 visible ASCII characters without a full stop; the event is not ours',
    );
  }
  return {
    'content-type': 'application/json',
    'user-agent': 'lockstep',
    'webhook-id': id,
    'webhook-timestamp': String(Math.floor(at.getTime() / 1000)),
    'webhook-signature': keys.map((key) => signerOf(key).sign(id, at, body)).join(' '),
  };
}

/** The library's own error quotes what it was given. */
function signerOf(key: Secret): Webhook {
  if (isSigningKey(key)) return new Webhook(key.reveal());
  throw new LockstepError(
    'VALUE_MALFORMED',
    'a signing key should be whsec_ and the base64 of 24 to 64 bytes; see: lockstep history of its credential',
  );
}

/** True for a key of the form and the strength that Standard Webhooks asks for. */
export function isSigningKey(key: Secret): boolean {
  const text = key.reveal();
  if (!text.startsWith('whsec_')) return false;
  const encoded = text.slice('whsec_'.length);
  const bytes = Buffer.from(encoded, 'base64');
  // Buffer skips what is not base64; only a text that it would write itself is one that everybody reads alike.
  return bytes.toString('base64') === encoded && bytes.length >= 24 && bytes.length <= 64;
}
