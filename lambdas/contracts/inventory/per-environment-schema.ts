import * as z from 'zod';
import { Name } from './authoring-schema.ts';

/** Fields of a shape, by name. */
export type Fields = Readonly<Record<string, z.ZodType>>;

/** Fields that may be one value or a map by environment; absent they may be, because `local` never uses them. */
export const perEnvironment = (bound: Fields): Fields =>
  Object.fromEntries(
    Object.entries(bound).map(([field, schema]) => [
      field,
      z
        .union([schema, z.record(Name, schema)])
        .optional()
        .describe(`${schema.description ?? field}; one for all environments, or a map by environment`),
    ]),
  );
