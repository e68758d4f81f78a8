import type * as z from 'zod';
import type { Shapes } from './authoring-schema.ts';
import { describeFound } from './found.ts';
import { LOCAL, type LocalSubject, type LocalWorld } from './local-world.ts';
import { problemAt, type FieldPaths, type Path } from './problem.ts';
import { allowedBy } from './structural-problems.ts';
import { ownField, readBound, readField, type Choice, type RawObject } from './read-fields.ts';

/** What every part of the file is read with. */
export interface Reading extends Choice {
  /** Set in `local` only. */
  readonly world: LocalWorld | undefined;
  /** Short times stand in place of the file's. */
  readonly isFast: boolean;
}

/** A kind's own fields for one environment, and where each was written. */
export interface KindFields {
  readonly values: Readonly<Record<string, unknown>>;
  readonly paths: FieldPaths;
}

/** Reads the fields of a kind. In `local` those that differ by environment come from the embedded world, by name. */
export function readKindFields(
  raw: RawObject,
  at: Path,
  { plain, bound }: Shapes,
  subject: LocalSubject,
  reading: Reading,
): KindFields {
  const same = Object.entries(plain).map(([field, schema]) => {
    const path = [...at, field];
    return { field, path, value: readField(ownField(raw, field), path, schema, reading.report) };
  });
  const differing = Object.entries(bound).map(([field, schema]) => {
    const written = readBound(ownField(raw, field), [...at, field], schema, reading);
    return { field, ...fromWorld(subject, field, [...at, field], schema, written, reading) };
  });
  const all = [...same, ...differing];
  return {
    values: Object.fromEntries(
      all.flatMap(({ field, value }) => (value === undefined ? [] : [[field, value] as const])),
    ),
    paths: Object.fromEntries(all.map(({ field, path }) => [field, path])),
  };
}

function fromWorld(
  subject: LocalSubject,
  field: string,
  path: Path,
  schema: z.ZodType,
  written: { readonly at: Path; readonly value: unknown },
  { environment, world, report }: Reading,
): { readonly path: Path; readonly value: unknown } {
  if (environment !== LOCAL) return { path: written.at, value: written.value };
  if (!world) return { path, value: undefined };
  const given = world.field(subject, field);
  const result = schema.safeParse(given);
  // A default is for the file: `apiUrl` has one, and it is the real provider.
  if (given !== undefined && result.success) return { path, value: result.data };
  if (given === undefined && isOptional(schema)) return { path, value: undefined };
  report(
    problemAt(path, {
      found: `${describeFound(given)} from the embedded world, which gives this field by name in ${LOCAL}`,
      allowed: allowedBy(schema),
      mend: 'have the embedded world serve this name, or keep the entry out of this workspace',
    }),
  );
  return { path, value: undefined };
}

/** Whether a field may be absent, which is not the same as having a default. */
const isOptional = (schema: z.ZodType): boolean => {
  const result = schema.safeParse(undefined);
  return result.success && result.data === undefined;
};
