import { ApiError } from './api-error.ts';

/** What a field of a request may hold. Answers with the value, or throws OpenAI's 400. */
export type Field<T> = (value: unknown, param: string) => T;

type Values<F> = {
  readonly [K in keyof F]: F[K] extends Field<infer T> ? T : never;
};

/** Takes exactly these fields. Unknown ones are refused: a client that misspells one must not go unnoticed. */
export function fields<F extends Readonly<Record<string, Field<unknown>>>>(
  body: unknown,
  known: F,
): Values<F> {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) throw notAnObject();
  const given = new Map<string, unknown>(Object.entries(body));
  for (const name of given.keys()) {
    if (Object.hasOwn(known, name)) continue;
    throw new ApiError(400, `Unknown parameter: '${name.slice(0, 64)}'.`, {
      code: 'unknown_parameter',
      param: name.slice(0, 64),
    });
  }
  // The compiler cannot follow that every field has been answered for by its own check.
  return Object.fromEntries(
    Object.entries(known).map(([name, field]) => [name, field(given.get(name), name)]),
  ) as Values<F>;
}

const notAnObject = (): ApiError => new ApiError(400, 'The body of this request should be a JSON object.');

const kindOf = (value: unknown): string =>
  value === null
    ? 'null'
    : Array.isArray(value)
      ? 'an array'
      : typeof value === 'object'
        ? 'an object'
        : `a ${typeof value}`;

const wrongType = (param: string, expected: string, value: unknown): ApiError =>
  new ApiError(400, `Invalid type for '${param}': expected ${expected}, but got ${kindOf(value)} instead.`, {
    code: 'invalid_type',
    param,
  });

const missing = (param: string): ApiError =>
  new ApiError(400, `Missing required parameter: '${param}'.`, { code: 'missing_required_parameter', param });

/** A text of bounded length, without control characters. */
export const text =
  (maxCharacters: number): Field<string> =>
  (value, param) => {
    if (value === undefined) throw missing(param);
    if (typeof value !== 'string') throw wrongType(param, 'a string', value);
    if (value.trim() === '')
      throw new ApiError(400, `Invalid '${param}': empty string.`, { code: 'empty_string', param });
    if (value.length > maxCharacters) {
      throw new ApiError(400, `Invalid '${param}': string too long, at most ${maxCharacters} characters.`, {
        code: 'string_above_max_length',
        param,
      });
    }
    if (/\p{Cc}/u.test(value))
      throw new ApiError(400, `Invalid '${param}': control characters.`, { code: 'invalid_value', param });
    return value;
  };

/** A number in a range; whole where `whole` is set. */
export const number =
  (range: { readonly min: number; readonly max: number; readonly whole: boolean }): Field<number> =>
  (value, param) => {
    const expected = range.whole ? 'an integer' : 'a number';
    if (value === undefined) throw missing(param);
    if (typeof value !== 'number' || (range.whole && !Number.isInteger(value)))
      throw wrongType(param, expected, value);
    const kind = range.whole ? 'integer' : 'decimal';
    if (value < range.min)
      throw new ApiError(400, `Invalid '${param}': below ${range.min}.`, {
        code: `${kind}_below_min_value`,
        param,
      });
    if (value > range.max)
      throw new ApiError(400, `Invalid '${param}': above ${range.max}.`, {
        code: `${kind}_above_max_value`,
        param,
      });
    return value;
  };

export const flag: Field<boolean> = (value, param) => {
  if (value === undefined) throw missing(param);
  if (typeof value !== 'boolean') throw wrongType(param, 'a boolean', value);
  return value;
};

/** One of a few texts. */
export const oneOf =
  <const T extends string>(...allowed: readonly T[]): Field<T> =>
  (value, param) => {
    if (value === undefined) throw missing(param);
    const found = allowed.find((each) => each === value);
    if (found !== undefined) return found;
    throw new ApiError(400, `Invalid value for '${param}': supported are ${allowed.join(', ')}.`, {
      code: 'invalid_value',
      param,
    });
  };

/** A list that is not empty. */
export const list =
  <T>(item: Field<T>): Field<readonly T[]> =>
  (value, param) => {
    if (value === undefined) throw missing(param);
    if (!Array.isArray(value)) throw wrongType(param, 'an array', value);
    if (value.length === 0)
      throw new ApiError(400, `Invalid '${param}': empty array.`, { code: 'empty_array', param });
    return value.map((each: unknown, index) => item(each, `${param}[${index}]`));
  };

/** A list, which may be empty. */
export const listOrEmpty =
  <T>(item: Field<T>): Field<readonly T[]> =>
  (value, param) =>
    Array.isArray(value) && value.length === 0 ? [] : list(item)(value, param);

export const optional =
  <T>(field: Field<T>): Field<T | undefined> =>
  (value, param) =>
    value === undefined ? undefined : field(value, param);

/** May be left out, or be null, which says the same. */
export const optionalOrNull =
  <T>(field: Field<T>): Field<T | undefined> =>
  (value, param) =>
    value === undefined || value === null ? undefined : field(value, param);

/** A year at most, as documented. */
export const expiresInSeconds = number({ min: 1, max: 31_536_000, whole: true });
