import { fit, flag, listOf, number, optional, record, text, type Check } from '../contracts/check.ts';
import { LockstepError } from '../core/errors.ts';
import { Secret } from '../core/secret.ts';
import { instant, type Instant } from '../core/time.ts';

/**
 * The fields we use of what the provider answers (openai-openapi of 2026-08, openai-node 7.57.0). Others are
 * left behind; one that is missing or of another type is an error, never a guess.
 */
export interface ServiceAccount {
  readonly id: string;
  readonly name: string;
  readonly created_at: number;
}

/** Answer to making a service account: the only one that holds its key's value. */
export interface MintedServiceAccount {
  readonly id: string;
  readonly created_at: number;
  readonly api_key: {
    readonly id: string;
    readonly value: Secret;
    /** Null, and in older answers absent, where it never expires. */
    readonly expires_at?: number | null;
  };
}

/** A key of a project. A key of a person has no `service_account`. */
export interface ProjectKey {
  readonly id: string;
  readonly last_used_at: number | null;
  readonly owner: { readonly service_account?: { readonly id: string } };
}

/** An admin key of the organization. */
export interface AdminKey {
  readonly id: string;
  readonly name?: string | null;
  readonly created_at: number;
  readonly last_used_at?: number | null;
}

/** Answer to making an admin key: the only one that holds its value. */
export interface MintedAdminKey {
  readonly id: string;
  readonly created_at: number;
  readonly value: Secret;
}

const orNull =
  <T>(check: Check<T>): Check<T | null> =>
  (value, path) =>
    value === null ? null : check(value, path);

const secret: Check<Secret> = (value, path) => new Secret(text(value, path));

export const serviceAccount = record<ServiceAccount>({ id: text, name: text, created_at: number });
export const mintedServiceAccount = record<MintedServiceAccount>({
  id: text,
  created_at: number,
  api_key: record<MintedServiceAccount['api_key']>({
    id: text,
    value: secret,
    expires_at: optional(orNull(number)),
  }),
});
export const projectKey = record<ProjectKey>({
  id: text,
  last_used_at: orNull(number),
  owner: record<ProjectKey['owner']>({
    service_account: optional(record<{ readonly id: string }>({ id: text })),
  }),
});
export const adminKey = record<AdminKey>({
  id: text,
  name: optional(orNull(text)),
  created_at: number,
  last_used_at: optional(orNull(number)),
});
export const mintedAdminKey = record<MintedAdminKey>({ id: text, created_at: number, value: secret });

/** One page of a list. */
export interface Page<T> {
  readonly data: readonly T[];
  readonly has_more: boolean;
}
export const pageOf = <T>(item: Check<T>): Check<Page<T>> =>
  record<Page<T>>({ data: listOf(item), has_more: flag });

/** Reads an answer, or says which field was not as documented. */
export const readAnswer = <T>(check: Check<T>, body: unknown, subject: string): T =>
  fit(check, body, 'TARGET_REFUSED', `the answer of the API of ${subject} is not as documented`);

/** The provider's times are whole seconds since 1970, rounded down. */
export const instantOf = (unixSeconds: number): Instant => instant(new Date(unixSeconds * 1000));

/** A 404 where something was to be made: the way there does not exist. */
export const missing = (subject: string, what: string): LockstepError =>
  new LockstepError(
    'TARGET_REFUSED',
    `the API of ${subject} knows no ${what}; correct it in lockstep.config.ts`,
  );
