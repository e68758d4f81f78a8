import * as z from 'zod';
import { accountAt, placeOf, type ServerEndpoint } from '../../contracts/targets/endpoint.ts';
import { serverEndpoint } from '../../contracts/targets/endpoint-schema.ts';
import { postgresName } from '../../contracts/targets/postgres-name.ts';
import type { RotatorKind } from '../../core/kind.ts';
import { postgresAuthorityCapabilities, postgresCapabilities } from './capabilities.ts';

const PostgresEndpoint = serverEndpoint(5432);

const PostgresTarget = z.strictObject({
  endpoint: PostgresEndpoint,
  database: postgresName('the database that dependents log in to'),
  slots: z
    .tuple([postgresName('the first login role'), postgresName('the second login role')])
    .refine(([first, second]) => first !== second)
    .describe('two different login roles, used in turn: 1 to 63 letters, digits, _ and - each'),
  ownerRole: postgresName('the role that owns what the slots make'),
});
/** What the rotator needs of a `postgres` credential. */
export type PostgresTarget = z.infer<typeof PostgresTarget>;

const PostgresAuthorityTarget = z.strictObject({
  endpoint: PostgresEndpoint,
  role: postgresName('the login role of the authority'),
  database: postgresName('the database it logs in to').default('postgres'),
});
/** What the rotator needs of a `postgres-authority`. */
export type PostgresAuthorityTarget = z.infer<typeof PostgresAuthorityTarget>;

/** Roles belong to a server, not to a database. */
const account = (endpoint: ServerEndpoint, role: string): string => accountAt('postgres', endpoint, role);

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
  places: ({ target }) => [placeOf(PostgresTarget.parse(target).endpoint)],
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
  places: ({ target }) => [placeOf(PostgresAuthorityTarget.parse(target).endpoint)],
} as const satisfies RotatorKind<z.ZodObject>;
