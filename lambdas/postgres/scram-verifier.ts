import { createHash, createHmac, pbkdf2 } from 'node:crypto';
import { promisify } from 'node:util';
import { LockstepError } from '../core/errors.ts';
import type { Secret } from '../core/secret.ts';

/** PostgreSQL's own number of iterations. Our passwords carry more than 230 bits: more would protect nothing. */
const ITERATIONS = 4096;

/** Bytes of salt, as PostgreSQL itself uses (src/include/common/scram-common.h). */
export const SALT_BYTES = 16;

/**
 * What PostgreSQL stores in place of a password (RFC 5803 in its own notation): it lets the server check the
 * password and prove itself, and lets nobody log in. Sent instead of the password, so neither the server's
 * log nor a proxy or extension on the way ever sees one. It holds no quote and needs no escaping in SQL.
 *
 * @param password printable ASCII only: anything else would have to pass SASLprep first (RFC 4013)
 * @param salt 16 random bytes
 */
export async function scramVerifier(password: Secret, salt: Uint8Array): Promise<string> {
  const text = password.reveal();
  if (!/^[\x21-\x7e]+$/.test(text)) {
    throw new LockstepError(
      'VALUE_MALFORMED',
      'a password for PostgreSQL must be printable ASCII without spaces',
    );
  }
  const salted = await promisify(pbkdf2)(text, salt, ITERATIONS, 32, 'sha256');
  const hmac = (message: string): Buffer => createHmac('sha256', salted).update(message).digest();
  const storedKey = createHash('sha256').update(hmac('Client Key')).digest('base64');
  const saltText = Buffer.from(salt).toString('base64');
  return `SCRAM-SHA-256$${ITERATIONS}:${saltText}$${storedKey}:${hmac('Server Key').toString('base64')}`;
}
