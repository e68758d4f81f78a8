import { LockstepError } from '../../core/errors.ts';
import { Secret } from '../../core/secret.ts';
import type { Instant } from '../../core/time.ts';
import type { ProjectKeyValue } from '../../openai/value.ts';

/** Visible ASCII only: `fetch` quotes a header that it refuses, and this one would be the key. */
const ADMIN_KEY = /^sk-[\x21-\x7e]{10,1021}$/;

/** What a holder gets: what the vault holds of a standing key, and until when it works. */
export const leasedKeyText = ({
  apiKey,
  ...rest
}: ProjectKeyValue & { readonly expiresAt: Instant }): Secret =>
  new Secret(JSON.stringify({ apiKey: apiKey.reveal(), ...rest }));

/** What the vault holds of the authority: `{"adminKey":"sk-admin-…"}`. */
export const adminKeyValue = (adminKey: Secret): Secret =>
  new Secret(JSON.stringify({ adminKey: adminKey.reveal() }));

/** The admin key in the value of an authority. Throws `VALUE_MALFORMED`, without quoting any of it. */
export function adminKeyIn(value: Secret): Secret {
  const fields = parsed(value);
  const key = fields?.['adminKey'];
  if (fields && Object.keys(fields).length === 1 && isAdminKey(key)) return new Secret(key);
  throw new LockstepError(
    'VALUE_MALFORMED',
    'a lease authority of kind openai should be an object of exactly adminKey, a key that starts with sk-; supply a correct one',
  );
}

/** Whether a text can be an admin key. */
export const isAdminKey = (text: unknown): text is string => typeof text === 'string' && ADMIN_KEY.test(text);

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
