import { LockstepError, type ErrorCode } from '../core/errors.ts';

/**
 * Hand-written checks for what crosses a process, where a bundle must stay small.
 *
 * A check returns the value with its declared fields only, typed, or throws. Messages name the path, what
 * was expected and the *kind* of what was found; never the value and never an undeclared key, since either
 * may hold a secret.
 */
export type Check<T> = (value: unknown, path: string) => T;

/** Thrown by checks; `fit` turns it into the caller's own error. */
class Misfit extends Error {
  override readonly name = 'Misfit';
}

const kindOf = (value: unknown): string =>
  value === null ? 'null' : Array.isArray(value) ? 'a list' : value === undefined ? 'nothing' : typeof value;

function misfit(path: string, expected: string, value: unknown, found = kindOf(value)): Misfit {
  return new Misfit(`${path || 'the whole'} should be ${expected}, found ${found}`);
}

/** A text that is not empty, and no longer than that. */
export const textUpTo =
  (most: number): Check<string> =>
  (value, path) => {
    if (typeof value === 'string' && value.length > 0 && value.length <= most) return value;
    const found = typeof value === 'string' ? `one of ${value.length}` : kindOf(value);
    throw misfit(path, `a text of 1 to ${most} characters`, value, found);
  };

/** Longer texts are refused: nothing of ours comes near. */
const MAX_TEXT = 4096;

export const text = textUpTo(MAX_TEXT);

export const number: Check<number> = (value, path) => {
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  throw misfit(path, 'a number', value);
};

export const flag: Check<boolean> = (value, path) => {
  if (typeof value === 'boolean') return value;
  throw misfit(path, 'true or false', value);
};

/** An ISO 8601 instant in UTC, as `core/time.ts` writes it. */
export const instant: Check<string> = (value, path) => {
  const ok =
    typeof value === 'string' && /^\d{4}-\d\d-\d\dT[\d:.]+Z$/.test(value) && !Number.isNaN(Date.parse(value));
  if (ok) return value;
  throw misfit(path, 'an ISO 8601 instant in UTC', value);
};

/** An object whose fields nobody here declares. */
export const anyRecord: Check<Readonly<Record<string, unknown>>> = (value, path) => {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value };
  throw misfit(path, 'an object', value);
};

export const oneOf =
  <const T extends string>(...allowed: readonly T[]): Check<T> =>
  (value, path) => {
    const found = allowed.find((each) => each === value);
    if (found !== undefined) return found;
    throw misfit(path, `one of ${allowed.join(', ')}`, value);
  };

/** This value and no other. */
export const exactly =
  <const T extends string | number | boolean>(wanted: T): Check<T> =>
  (value, path) => {
    if (value === wanted) return wanted;
    throw misfit(path, String(wanted), value);
  };

export const listOf =
  <T>(check: Check<T>): Check<readonly T[]> =>
  (value, path) => {
    if (!Array.isArray(value)) throw misfit(path, 'a list', value);
    return value.map((each: unknown, index) => check(each, `${path}[${index}]`));
  };

/** An object with keys that are not declared, and values that are all alike. */
export const mapOf =
  <T>(check: Check<T>): Check<Readonly<Record<string, T>>> =>
  (value, path) =>
    Object.fromEntries(
      Object.entries(anyRecord(value, path)).map(([key, each]) => [key, check(each, `${path}.*`)]),
    );

/** The first of two checks that takes the value; the second one's complaint where neither does. */
export const either =
  <A, B>(first: Check<A>, second: Check<B>): Check<A | B> =>
  (value, path) => {
    try {
      return first(value, path);
    } catch (error) {
      if (!(error instanceof Misfit)) throw error;
      return second(value, path);
    }
  };

/** A field that may be missing. */
export interface Optional<T> {
  readonly optional: Check<T>;
}

export const optional = <T>(check: Check<T>): Optional<T> => ({ optional: check });

/** One check per field of `T`: a field that is forgotten, or optional on one side only, does not compile. */
export type Fields<T> = {
  readonly [K in keyof T]-?: Record<never, never> extends Pick<T, K>
    ? Optional<Exclude<T[K], undefined>>
    : Check<T[K]>;
};

/** An object with exactly these fields; others are left behind. */
export function record<T>(fields: Fields<T>): Check<T> {
  const entries = Object.entries<Check<unknown> | Optional<unknown>>(fields);
  return (value, path) => {
    const source = anyRecord(value, path);
    const kept: Record<string, unknown> = {};
    for (const [name, field] of entries) {
      const at = path === '' ? name : `${path}.${name}`;
      // An own field only: what an object inherits was never sent.
      const found = Object.hasOwn(source, name) ? source[name] : undefined;
      if (typeof field === 'function') kept[name] = field(found, at);
      else if (found !== undefined) kept[name] = field.optional(found, at);
    }
    // The compiler cannot follow that every field of `T` has been checked; `Fields<T>` has made sure of it.
    return kept as T;
  };
}

/** Names of fields as we would write them. Anything else may be a secret that was put in the wrong place, and is not shown. */
const SHOWN_FIELD = /^[A-Za-z]{1,32}$/;

/** An object with exactly these fields, where one that is not known would change what is meant: others are refused by name. */
export function exactRecord<T>(fields: Fields<T>): Check<T> {
  const check = record(fields);
  return (value, path) => {
    const unknown = Object.keys(anyRecord(value, path)).find((name) => !Object.hasOwn(fields, name));
    if (unknown === undefined) return check(value, path);
    const found = SHOWN_FIELD.test(unknown) ? `no field ${unknown}` : 'no field of a name that was found';
    const names = Object.keys(fields);
    throw new Misfit(
      `${path || 'the whole'} has ${found}; ${names.length === 0 ? 'it has no fields at all' : `there are ${names.join(', ')}`}`,
    );
  };
}

/** Checks a value, or throws `code` with a message that says what `what` should have been. */
export function fit<T>(check: Check<T>, value: unknown, code: ErrorCode, what: string): T {
  try {
    return check(value, '');
  } catch (error) {
    if (error instanceof Misfit) throw new LockstepError(code, `${what}: ${error.message}`);
    throw error;
  }
}

/** `JSON.parse` without its message, which quotes what it was given. */
export function parseJson(json: string, code: ErrorCode, what: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    throw new LockstepError(code, `${what}: not JSON`);
  }
}
