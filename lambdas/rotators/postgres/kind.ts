import * as z from 'zod';
import type { RotatorKind } from '../../core/kind.ts';
import { postgresAuthorityCapabilities, postgresCapabilities } from './capabilities.ts';

/**
 * A name that PostgreSQL takes for a role or a database. It cuts names at 63 bytes, so a longer one would
 * silently be another name; it keeps `pg_` for itself, and refuses `public` and `none` even when quoted.
 */
const identifier = (what: string) =>
  z
    .string()
    .regex(/^(?!pg_)(?!(?:public|none)$)[A-Za-z_][A-Za-z0-9_-]{0,62}$/)
    .describe(`${what}: 1 to 63 letters, digits, _ and -, not starting with a digit or pg_`);

const pemCertificates =
  /^\s*(?:(?:#[^\n]*\n)?-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----\s*)+$/;

/** Where the server is. TLS is verify-full for every host that is not loopback; `ca` says whom to trust, absent the system's roots. */
export const PostgresEndpoint = z
  .strictObject({
    host: z
      .union([
        z
          .string()
          .max(253)
          .regex(/^[A-Za-z0-9](?:[A-Za-z0-9_.-]*[A-Za-z0-9])?$/),
        z.ipv6(),
      ])
      .describe("the writer's host name or address, without scheme, port or brackets"),
    port: z.int().min(1).max(65_535).default(5432).describe('a port from 1 to 65535'),
    ca: z
      .string()
      .max(32_768)
      .regex(pemCertificates)
      .optional()
      .describe(
        'the text of at most 32 KB of PEM certificates (of one region, not of all), and nothing else',
      ),
  })
  .describe('{ host, port?, ca? } of the server');
export type PostgresEndpoint = z.infer<typeof PostgresEndpoint>;

const PostgresTarget = z.strictObject({
  endpoint: PostgresEndpoint,
  database: identifier('the database that dependents log in to'),
  slots: z
    .tuple([identifier('the first login role'), identifier('the second login role')])
    .refine(([first, second]) => first !== second)
    .describe('two different login roles, used in turn: 1 to 63 letters, digits, _ and - each'),
  ownerRole: identifier('the role that owns what the slots make'),
});
/** What the rotator needs of a `postgres` credential. */
export type PostgresTarget = z.infer<typeof PostgresTarget>;

const PostgresAuthorityTarget = z.strictObject({
  endpoint: PostgresEndpoint,
  role: identifier('the login role of the authority'),
  database: identifier('the database it logs in to').default('postgres'),
});
/** What the rotator needs of a `postgres-authority`. */
export type PostgresAuthorityTarget = z.infer<typeof PostgresAuthorityTarget>;

/** Roles belong to a server, not to a database. */
const account = ({ host, port }: PostgresEndpoint, role: string): string =>
  `postgres://${host.toLowerCase()}:${port}/${role}`;

const place = ({ host, port }: PostgresEndpoint) => ({ host, port });

/** A database login with two slots. */
export const postgresKind = {
  name: 'postgres',
  family: 'postgres',
  strategy: 'two-slot',
  authorityKind: 'postgres-authority',
  isAuthority: false,
  capabilities: postgresCapabilities,
  minimumCadenceSeconds: 10,
  target: PostgresTarget,
  environmentBound: [],
  fromAuthority: ['endpoint'],
  accounts({ target }) {
    const { endpoint, slots } = PostgresTarget.parse(target);
    return slots.map((slot) => account(endpoint, slot));
  },
  places: ({ target }) => [place(PostgresTarget.parse(target).endpoint)],
} as const satisfies RotatorKind<z.ZodObject>;

/** The database login that may change slots; it changes its own password in place. */
export const postgresAuthorityKind = {
  name: 'postgres-authority',
  family: 'postgres',
  strategy: 'in-place',
  isAuthority: true,
  capabilities: postgresAuthorityCapabilities,
  minimumCadenceSeconds: 10,
  target: PostgresAuthorityTarget,
  environmentBound: ['endpoint'],
  fromAuthority: [],
  accounts({ target }) {
    const { endpoint, role } = PostgresAuthorityTarget.parse(target);
    return [account(endpoint, role)];
  },
  places: ({ target }) => [place(PostgresAuthorityTarget.parse(target).endpoint)],
} as const satisfies RotatorKind<z.ZodObject>;
