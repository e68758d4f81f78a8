/**
 * Reads fields of something that somebody else wrote and that may have any shape. Own fields only, never
 * throwing: what is not there, or not of the asked kind, is `undefined`.
 */
export function fieldAt(value: unknown, ...path: readonly string[]): unknown {
  let found = value;
  for (const name of path) {
    if (typeof found !== 'object' || found === null || !Object.hasOwn(found, name)) return undefined;
    found = (found as Readonly<Record<string, unknown>>)[name];
  }
  return found;
}

/** The text at a path, unless it is empty or longer than anything AWS writes there. */
export function textAt(value: unknown, ...path: readonly string[]): string | undefined {
  const found = fieldAt(value, ...path);
  return typeof found === 'string' && found.length > 0 && found.length <= MAX_TEXT ? found : undefined;
}

/** The texts of a list at a path; whatever else the list holds is left out. */
export function textsAt(value: unknown, ...path: readonly string[]): readonly string[] {
  const found = fieldAt(value, ...path);
  if (!Array.isArray(found)) return [];
  return found
    .slice(0, MAX_ITEMS)
    .filter((each): each is string => typeof each === 'string' && each.length > 0 && each.length <= MAX_TEXT);
}

/** SecretId is at most 2,048 characters; an error message of IAM's is shorter than two of those. */
const MAX_TEXT = 4096;

/** BatchGetSecretValue takes at most 20 names. */
const MAX_ITEMS = 100;
