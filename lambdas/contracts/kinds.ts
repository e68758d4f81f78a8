import type * as z from 'zod';
import type { LeaserKind, PropagatorKind, RotatorKind } from '../core/kind.ts';
import { awsSessionKind } from '../leasers/aws-session/kind.ts';
import { federatedKind } from '../leasers/federated/kind.ts';
import { githubAppKind } from '../leasers/github-app/kind.ts';
import { mysqlLeaseKind } from '../leasers/mysql/kind.ts';
import { openaiLeaseKind } from '../leasers/openai/kind.ts';
import { postgresLeaseKind } from '../leasers/postgres/kind.ts';
import { redisLeaseKind } from '../leasers/redis/kind.ts';
import { pollerKind } from '../propagators/poller/kind.ts';
import { webhookKind } from '../propagators/webhook/kind.ts';
import { openaiAuthorityKind, openaiKind } from '../rotators/openai/kind.ts';
import { postgresAuthorityKind, postgresKind } from '../rotators/postgres/kind.ts';
import { randomKind } from '../rotators/random/kind.ts';

/** A kind of credential whose target is described by our schema library. */
export type CredentialKind = RotatorKind<z.ZodObject>;

/** A kind of dependent whose settings are described by our schema library. */
export type DependentKind = PropagatorKind<z.ZodObject>;

/** A kind of lease whose targets are described by our schema library. */
export type LeasableKind = LeaserKind<z.ZodObject>;

/** Every kind of credential. A new kind is added here and in its builder; nothing else lists them. */
export const CREDENTIAL_KINDS: readonly CredentialKind[] = [
  postgresKind,
  postgresAuthorityKind,
  openaiKind,
  openaiAuthorityKind,
  randomKind,
];

/** Every kind of dependent. */
export const DEPENDENT_KINDS: readonly DependentKind[] = [webhookKind, pollerKind];

/** Every kind of lease. A new kind is added here and in its builders; nothing else lists them. */
export const LEASER_KINDS: readonly LeasableKind[] = [
  postgresLeaseKind,
  mysqlLeaseKind,
  redisLeaseKind,
  openaiLeaseKind,
  awsSessionKind,
  githubAppKind,
  federatedKind,
];

/** The kind of credential of that name. */
export const credentialKind = (name: string): CredentialKind | undefined =>
  CREDENTIAL_KINDS.find((kind) => kind.name === name);

/** The kind of dependent of that name. */
export const dependentKind = (name: string): DependentKind | undefined =>
  DEPENDENT_KINDS.find((kind) => kind.name === name);

/** The kind of lease of that name. */
export const leaserKind = (name: string): LeasableKind | undefined =>
  LEASER_KINDS.find((kind) => kind.name === name);

/** Families of credentials: each has one target function. */
export const FAMILIES: readonly string[] = [...new Set(CREDENTIAL_KINDS.map(({ family }) => family))];
