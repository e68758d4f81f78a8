import type * as z from 'zod';
import { describeFound, quoted } from './found.ts';
import { LOCAL } from './local-world.ts';
import { listed, meant } from './nearest.ts';
import { problemAt, type Path, type Report } from './problem.ts';
import { allowedBy, structuralProblems, wrongValue } from './structural-problems.ts';
import { explainUnknownField } from './unknown-field.ts';

/** An object of the file, before anything in it is known. */
export type RawObject = Readonly<Record<string, unknown>>;

/** What a shape makes of an object, with holes where a field could not be read. */
export type Read<Shape extends Readonly<Record<string, z.ZodType>>> = {
  readonly [Field in keyof Shape]?: z.output<Shape[Field]>;
};

/** The object at a place, or a report that there is none. */
export function readObject(raw: unknown, at: Path, allowed: string, report: Report): RawObject | undefined {
  if (isObject(raw)) return raw;
  report(wrongValue(at, raw, allowed));
  return undefined;
}

/** True for what JSON calls an object. Instances of classes are none: they have no serializable form. */
function isObject(raw: unknown): raw is RawObject {
  if (typeof raw !== 'object' || raw === null) return false;
  const prototype: unknown = Object.getPrototypeOf(raw);
  return prototype === Object.prototype || prototype === null;
}

/** Reads each field by itself, so that one that is wrong does not hide what is wrong with the others. */
export function readFields<Shape extends Readonly<Record<string, z.ZodType>>>(
  raw: RawObject,
  at: Path,
  shape: Shape,
  report: Report,
): Read<Shape> {
  const read = Object.entries(shape).flatMap(([field, schema]) => {
    const value = readField(ownField(raw, field), [...at, field], schema, report);
    return value === undefined ? [] : [[field, value] as const];
  });
  return Object.fromEntries(read) as Read<Shape>;
}

/** Reads one value; `undefined` where it is absent or wrong. */
export function readField<Schema extends z.ZodType>(
  raw: unknown,
  at: Path,
  schema: Schema,
  report: Report,
): z.output<Schema> | undefined {
  const result = schema.safeParse(raw);
  if (result.success) return result.data;
  structuralProblems(result.error.issues, raw, schema, at).forEach(report);
  return undefined;
}

/** Reports every field that is not among the known ones. */
export function refuseOthers(raw: RawObject, at: Path, known: readonly string[], report: Report): void {
  for (const key of Object.keys(raw))
    if (!known.includes(key)) report(explainUnknownField([...at, key], key, raw[key], known));
}

/** A field of the object itself: one that it inherits was not written by anybody. */
export const ownField = (raw: RawObject, field: string): unknown =>
  Object.hasOwn(raw, field) ? raw[field] : undefined;

/** A value that was chosen for one environment, and where it stood. */
export interface Chosen<T> {
  readonly at: Path;
  readonly value: T | undefined;
  /** Something is written for this environment, whether or not it could be read. */
  readonly isWritten: boolean;
}

/** For which environment a value is chosen, and which ones there are. */
export interface Choice {
  readonly environment: string;
  readonly environments: ReadonlySet<string>;
  readonly report: Report;
}

/**
 * Chooses a value that may be one for all environments or a map from their names. All of a map is
 * checked, whichever environment is asked for. Not for `local`: see `readLocal`.
 */
export function readBound<Schema extends z.ZodType>(
  raw: unknown,
  at: Path,
  schema: Schema,
  choice: Choice,
): Chosen<z.output<Schema>> {
  if (!isObject(raw) || !isMap(raw, choice.environments)) return readForAll(raw, at, schema, choice);
  const values = new Map(
    Object.entries(raw).map(([name, value]) => [name, readEntry(name, value, [...at, name], schema, choice)]),
  );
  const chosen = [...at, choice.environment];
  if (values.has(choice.environment))
    return { at: chosen, value: values.get(choice.environment), isWritten: true };
  return readForAll(undefined, chosen, schema, choice);
}

function readForAll<Schema extends z.ZodType>(
  raw: unknown,
  at: Path,
  schema: Schema,
  { environment, report }: Choice,
): Chosen<z.output<Schema>> {
  const isAbsent = raw === undefined && !schema.safeParse(undefined).success;
  if (!isAbsent) return { at, value: readField(raw, at, schema, report), isWritten: raw !== undefined };
  if (environment !== LOCAL)
    report({
      ...wrongValue(at, undefined, allowedBy(schema)),
      found: `nothing for the environment ${environment}`,
      mend: `add it: one value for every environment, or a map with the key ${environment}`,
    });
  return { at, value: undefined, isWritten: false };
}

function readEntry<Schema extends z.ZodType>(
  name: string,
  raw: unknown,
  at: Path,
  schema: Schema,
  { environments, report }: Choice,
): z.output<Schema> | undefined {
  if (name === LOCAL)
    report(
      problemAt(at, {
        found: `a value for ${LOCAL}: ${describeFound(raw)}`,
        allowed: `values for environments on AWS; ${LOCAL} takes this field from the embedded world`,
        mend: `remove the key ${LOCAL}`,
      }),
    );
  else if (!environments.has(name))
    report(
      problemAt(at, {
        found: `a value for the environment ${quoted(name)}, which is not declared`,
        allowed: listed([...environments].filter((other) => other !== LOCAL)),
        mend: meant(name, environments, 'declare it in environments, or remove the key'),
      }),
    );
  return readField(raw, at, schema, report);
}

/** A map by environment has the name of at least one; the names of an endpoint's own fields are kept from environments. */
const isMap = (raw: RawObject, environments: ReadonlySet<string>): boolean =>
  Object.keys(raw).some((key) => environments.has(key));
