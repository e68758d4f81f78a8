type Claims = Readonly<Record<string, unknown>>;

/**
 * Everything that a path can mean in a token's claims. Dots reach into objects, and names of claims have dots of their own
 * (`kubernetes.io`, `https://sts.amazonaws.com/`), so that one path may be read in more than one way.
 */
export function readingsOf(claims: Claims, path: string): readonly unknown[] {
  const whole = Object.hasOwn(claims, path) ? [claims[path]] : [];
  const deeper = splitsOf(path).flatMap(([name, rest]) => {
    const inner = Object.hasOwn(claims, name) ? claims[name] : undefined;
    return isObject(inner) ? readingsOf(inner, rest) : [];
  });
  return [...whole, ...deeper];
}

/** The path cut in two at each of its dots. */
const splitsOf = (path: string): readonly (readonly [string, string])[] =>
  [...path.matchAll(/\./g)].map(({ index }) => [path.slice(0, index), path.slice(index + 1)] as const);

const isObject = (value: unknown): value is Claims =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * Whether a claim has exactly this value. Not where the path can be read in two ways: whoever may add a claim of their own
 * could put one in front of the one that is meant.
 */
export function claimIs(claims: Claims, path: string, expected: string): boolean {
  const [value, ...others] = readingsOf(claims, path);
  if (others.length > 0) return false;
  return typeof value === 'boolean' ? String(value) === expected : value === expected;
}

/**
 * A claim that is a list of texts, or one text. `undefined` where there is none, `malformed` where it is anything else or
 * can be read in two ways.
 */
export function textsIn(claims: Claims, path: string): readonly string[] | undefined | 'malformed' {
  const readings = readingsOf(claims, path);
  const [value] = readings;
  if (readings.length === 0) return undefined;
  if (readings.length > 1) return 'malformed';
  if (typeof value === 'string') return [value];
  const isList = Array.isArray(value) && value.every((each: unknown) => typeof each === 'string');
  return isList ? value : 'malformed';
}
