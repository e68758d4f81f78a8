/** Beginnings of well-known keys and tokens. Whoever pasted one into the inventory must not find it in a build log as well. */
const KEY_PREFIX =
  /^(?:sk-|pk_|rk_|AKIA|ASIA|gh[oprsu]_|github_pat_|glpat-|xox|hf_|whsec_|eyJ|AIza|AQ\.|-----BEGIN)/i;

/** A run of letters and digits as long as a key: nobody names a host, a role or a team like that. */
const KEY_RUN =
  /(?=[A-Za-z0-9+/=_]*[0-9])(?=[A-Za-z0-9+/=_]*[A-Za-z])[A-Za-z0-9+/=_]{20,}|[A-Za-z0-9+/=_]{26,}/;

/**
 * Whether a text may be shown. No field of the inventory holds a secret, but a person may paste one into
 * any: what is long, what looks like a key, carries a login or has other characters than names have stays unseen.
 */
export function isPresentable(text: string): boolean {
  if (text.length > 40 || !/^[A-Za-z0-9 ._:/-]*$/.test(text)) return false;
  return !KEY_PREFIX.test(text) && !KEY_RUN.test(text);
}

/** A name in quotes, or only its length where it should not be shown. */
export const quoted = (text: string): string =>
  isPresentable(text) ? `"${text}"` : `a text of ${text.length} characters`;

/** What was found, without showing anything that might be secret. */
export function describeFound(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (typeof value === 'string') return value === '' ? 'an empty text' : quoted(value);
  if (value === null || typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (Array.isArray(value))
    return value.length === 1 ? 'a list of 1 item' : `a list of ${value.length} items`;
  return typeof value === 'object' ? describeObject(value) : `a ${typeof value}`;
}

/** The kind of a value and nothing of its content: for fields that are not known, where anything may stand. */
export function describeShape(value: unknown): string {
  if (typeof value === 'string') return `a text of ${value.length} characters`;
  return typeof value === 'number' ? 'a number' : describeFound(value);
}

function describeObject(value: object): string {
  const keys = Object.keys(value);
  if (keys.length === 0) return 'an empty object';
  const shown = keys
    .slice(0, 5)
    .map((key) => (isPresentable(key) ? key : `a key of ${key.length} characters`));
  return `an object with ${shown.join(', ')}${keys.length > shown.length ? ', …' : ''}`;
}
