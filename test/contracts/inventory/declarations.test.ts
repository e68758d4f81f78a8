import { expect, expectTypeOf, it } from 'vitest';
import type * as z from 'zod';
import * as lockstep from '../../../lambdas/contracts/inventory/index.ts';
import type {
  Duration,
  OpenaiAuthorityOptions,
  OpenaiOptions,
  PerEnvironment,
  PollerOptions,
  PostgresAuthorityOptions,
  PostgresOptions,
  RandomOptions,
  WebhookOptions,
} from '../../../lambdas/contracts/inventory/index.ts';
import { CREDENTIAL_KINDS, DEPENDENT_KINDS } from '../../../lambdas/contracts/kinds.ts';
import type { pollerKind } from '../../../lambdas/propagators/poller/kind.ts';
import type { webhookKind } from '../../../lambdas/propagators/webhook/kind.ts';
import type { openaiAuthorityKind, openaiKind } from '../../../lambdas/rotators/openai/kind.ts';
import type { postgresAuthorityKind, postgresKind } from '../../../lambdas/rotators/postgres/kind.ts';
import type { randomKind } from '../../../lambdas/rotators/random/kind.ts';

/** A type with everything in it readonly and without explicit undefined, so that only the fields are compared. */
type Plain<T> = T extends object ? { readonly [Field in keyof T]: Plain<Exclude<T[Field], undefined>> } : T;

/** What a kind's schema takes from the file: a field that differs by environment may be a map, and is optional. */
type Taken<Schema extends z.ZodObject, Bound extends string, Copied extends string> = Plain<
  Omit<z.input<Schema>, Bound | Copied>
> & {
  readonly [Field in Bound & keyof z.input<Schema>]?: PerEnvironment<
    Plain<Exclude<z.input<Schema>[Field], undefined>>
  >;
};

type OfCredential<
  Kind extends {
    readonly target: z.ZodObject;
    readonly environmentBound: readonly string[];
    readonly fromAuthority: readonly string[];
  },
> = Taken<Kind['target'], Kind['environmentBound'][number], Kind['fromAuthority'][number]>;
type OfDependent<
  Kind extends { readonly settings: z.ZodObject; readonly environmentBound: readonly string[] },
> = Taken<Kind['settings'], Kind['environmentBound'][number], never>;

type Common =
  'owner' | 'tier' | 'authority' | 'rotateEvery' | 'adopters' | 'boundTo' | 'dependents' | 'retire';
type CommonOfDependents = 'workload' | 'cacheTtl' | 'evidence';
type Same<A, B> = [Plain<A>] extends [Plain<B>] ? ([Plain<B>] extends [Plain<A>] ? true : false) : false;

it('offers in each builder exactly what the schema of its kind takes', () => {
  expectTypeOf<
    Same<Omit<PostgresOptions, Common>, OfCredential<typeof postgresKind>>
  >().toEqualTypeOf<true>();
  expectTypeOf<
    Same<Omit<PostgresAuthorityOptions, Common>, OfCredential<typeof postgresAuthorityKind>>
  >().toEqualTypeOf<true>();
  expectTypeOf<Same<Omit<OpenaiOptions, Common>, OfCredential<typeof openaiKind>>>().toEqualTypeOf<true>();
  expectTypeOf<
    Same<Omit<OpenaiAuthorityOptions, Common>, OfCredential<typeof openaiAuthorityKind>>
  >().toEqualTypeOf<true>();
  expectTypeOf<Same<Omit<RandomOptions, Common>, OfCredential<typeof randomKind>>>().toEqualTypeOf<true>();
  expectTypeOf<
    Same<Omit<WebhookOptions, CommonOfDependents>, OfDependent<typeof webhookKind>>
  >().toEqualTypeOf<true>();
  expectTypeOf<
    Same<Omit<PollerOptions, CommonOfDependents>, OfDependent<typeof pollerKind>>
  >().toEqualTypeOf<true>();
});

it('refuses in the editor what the checks would refuse', () => {
  const rotateEvery: Duration = lockstep.days(7);
  // @ts-expect-error a number has no unit
  lockstep.random({ owner: 'platform', rotateEvery: 7 });
  // @ts-expect-error an authority has no dependents
  lockstep.postgresAuthority({ owner: 'platform', rotateEvery, role: 'admin', dependents: [] });
  // @ts-expect-error a change in place leaves nothing to retire
  lockstep.postgresAuthority({ owner: 'platform', rotateEvery, role: 'admin', retire: {} });
  // @ts-expect-error two slots are two
  lockstep.postgres({ owner: 'a', authority: 'b', rotateEvery, database: 'c', slots: ['d'], ownerRole: 'e' });
  // @ts-expect-error whoever may read it for how long is not for Lockstep to guess
  lockstep.webhook('api', { signingKey: 'api-hook' });
  expect(rotateEvery).toEqual({ seconds: 604_800 });
});

it('has a builder for each kind, which makes plain data', () => {
  const rotateEvery = lockstep.days(7);
  const made = [
    lockstep.postgres({
      owner: 'a',
      authority: 'b',
      rotateEvery,
      database: 'c',
      slots: ['d', 'e'],
      ownerRole: 'f',
    }),
    lockstep.postgresAuthority({ owner: 'a', rotateEvery, role: 'r' }),
    lockstep.openai({ owner: 'a', authority: 'b', rotateEvery, project: 'proj_x' }),
    lockstep.openaiAuthority({ owner: 'a', rotateEvery }),
    lockstep.random({ owner: 'a', rotateEvery }),
  ];
  expect(made.map(({ kind }) => kind)).toEqual(CREDENTIAL_KINDS.map(({ name }) => name));
  const dependents = [
    lockstep.webhook('w', { cacheTtl: lockstep.minutes(5), signingKey: 'k' }),
    lockstep.poller('p', { cacheTtl: lockstep.minutes(5) }),
  ];
  expect(dependents.map(({ kind }) => kind)).toEqual(DEPENDENT_KINDS.map(({ name }) => name));
  expect(JSON.parse(JSON.stringify([made, dependents]))).toStrictEqual([made, dependents]);
});
