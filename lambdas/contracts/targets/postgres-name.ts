import * as z from 'zod';

/**
 * A name that PostgreSQL takes for a role or a database. It cuts names at 63 bytes, so a longer one would
 * silently be another name; it keeps `pg_` for itself, and refuses `public` and `none` even when quoted.
 */
export const postgresName = (what: string) =>
  z
    .string()
    .regex(/^(?!pg_)(?!(?:public|none)$)[A-Za-z_][A-Za-z0-9_-]{0,62}$/)
    .describe(`${what}: 1 to 63 letters, digits, _ and -, not starting with a digit or pg_`);
