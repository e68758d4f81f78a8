import type * as z from 'zod';
import { describeFound } from './found.ts';
import { keyText, problemAt, type Path, type Problem } from './problem.ts';
import { explainUnknownField } from './unknown-field.ts';

/**
 * What the schema library found wrong, in our own words. Its texts are not passed on: they speak of
 * patterns and types, and what is allowed stands in each schema's description.
 */
export function structuralProblems(
  issues: readonly z.core.$ZodIssue[],
  raw: unknown,
  schema: z.ZodType,
  at: Path,
): readonly Problem[] {
  return issues.flatMap((issue) => {
    const inside = issue.path.map((step) => (typeof step === 'symbol' ? String(step) : step));
    const path = [...at, ...inside];
    if (issue.code === 'unrecognized_keys') {
      const parent = valueAt(raw, inside);
      const known = knownKeys(schemaAt(schema, inside));
      return issue.keys.map((key) => explainUnknownField([...path, key], key, fieldOf(parent, key), known));
    }
    return [wrongValue(path, valueAt(raw, inside), allowedAt(schema, inside))];
  });
}

/** The problem of a value that is missing or is not what its field takes. */
export function wrongValue(path: Path, value: unknown, allowed: string): Problem {
  const found = describeFound(value);
  if (value === undefined) return problemAt(path, { found, allowed, mend: `add ${nameOf(path)}` });
  return problemAt(path, { found, allowed, mend: `give ${nameOf(path)} a value of that form` });
}

const nameOf = (path: Path): string => {
  const last = path.at(-1);
  if (typeof last !== 'number') return last === undefined ? 'the workspace' : keyText(last);
  return `item ${last + 1} of ${keyText(String(path.at(-2)))}`;
};

/** What may stand at a place: the description of the innermost schema that has one. */
function allowedAt(schema: z.ZodType, path: Path): string {
  const steps = path.map((_, length) => path.slice(0, path.length - length));
  const described = [...steps, []].map((step) => schemaAt(schema, step)).find((inner) => describedAs(inner));
  return allowedBy(described);
}

/** What a schema allows, in the words of its description. */
export const allowedBy = (schema: z.ZodType | undefined): string =>
  describedAs(schema) ?? 'a value of another form';

function describedAs(schema: z.ZodType | undefined): string | undefined {
  return schema === undefined ? undefined : (schema.description ?? describedAs(wrapped(schema)));
}

/** The schema inside an optional or a defaulted one. */
function wrapped(schema: z.ZodType): z.ZodType | undefined {
  const { def } = schema as unknown as { readonly def: { readonly innerType?: z.ZodType } };
  return def.innerType;
}

/** The schema at a path inside another one; `undefined` where the path leads out of what is known. */
function schemaAt(schema: z.ZodType | undefined, path: Path): z.ZodType | undefined {
  const [step, ...rest] = path;
  if (schema === undefined || step === undefined) return schema;
  const inner = wrapped(schema);
  if (inner) return schemaAt(inner, path);
  const parts = schema as unknown as {
    readonly shape?: Readonly<Record<string, z.ZodType>>;
    readonly element?: z.ZodType;
    readonly def: { readonly items?: readonly z.ZodType[] };
  };
  return schemaAt(parts.shape?.[step] ?? parts.element ?? parts.def.items?.[Number(step)], rest);
}

function knownKeys(schema: z.ZodType | undefined): readonly string[] {
  if (!schema) return [];
  const inner = wrapped(schema);
  if (inner) return knownKeys(inner);
  const { shape } = schema as unknown as { readonly shape?: Readonly<Record<string, unknown>> };
  return Object.keys(shape ?? {});
}

const fieldOf = (value: unknown, key: string | number): unknown =>
  typeof value === 'object' && value !== null && Object.hasOwn(value, key)
    ? (value as Readonly<Record<string, unknown>>)[key]
    : undefined;

const valueAt = (raw: unknown, path: Path): unknown => path.reduce<unknown>(fieldOf, raw);
