import { awsSessionKind } from '../../../leasers/aws-session/kind.ts';
import { federatedKind } from '../../../leasers/federated/kind.ts';
import { githubAppKind } from '../../../leasers/github-app/kind.ts';
import { mysqlLeaseKind } from '../../../leasers/mysql/kind.ts';
import { openaiLeaseKind } from '../../../leasers/openai/kind.ts';
import { postgresLeaseKind } from '../../../leasers/postgres/kind.ts';
import { redisLeaseKind } from '../../../leasers/redis/kind.ts';
import type { LeasableKind } from '../../kinds.ts';
import type {
  KindWithAuthority,
  LeaseAuthorityDeclaration,
  LeaseAuthorityOptionsOf,
  LeaseDeclaration,
  LeaseOptionsOf,
} from './access-declarations.ts';

// The builders of one kind: their words are those of its schema, so a kind is declared once.
const leaseBuilder =
  <Kind extends LeasableKind>({ name }: Kind) =>
  (options: LeaseOptionsOf<Kind>): LeaseDeclaration => ({ kind: name, ...options });

const leaseAuthorityBuilder =
  <Kind extends KindWithAuthority>({ name }: Kind) =>
  (options: LeaseAuthorityOptionsOf<Kind>): LeaseAuthorityDeclaration => ({ kind: name, ...options });

/** A login role of PostgreSQL (16 or newer) for each lease. */
export const postgresLease = leaseBuilder(postgresLeaseKind);

/** The role that makes the roles of `postgresLease`: `NOSUPERUSER CREATEROLE`, and no slot of it. A person supplies its password: `lockstep supply`. */
export const postgresLeaseAuthority = leaseAuthorityBuilder(postgresLeaseKind);

/** A user of MySQL (8.0.21 or newer) for each lease. */
export const mysqlLease = leaseBuilder(mysqlLeaseKind);

/** The user that makes the users of `mysqlLease`. A person supplies its password: `lockstep supply`. */
export const mysqlLeaseAuthority = leaseAuthorityBuilder(mysqlLeaseKind);

/** A user of Redis for each lease. */
export const redisLease = leaseBuilder(redisLeaseKind);

/** The user that makes the users of `redisLease`. A person supplies its password: `lockstep supply`. */
export const redisLeaseAuthority = leaseAuthorityBuilder(redisLeaseKind);

/** A key of one project at OpenAI, minted for one lease. */
export const openaiLease = leaseBuilder(openaiLeaseKind);

/** The admin key that mints the keys of `openaiLease`. Nobody rotates it but a person: `lockstep supply`. */
export const openaiLeaseAuthority = leaseAuthorityBuilder(openaiLeaseKind);

/** A session of an IAM role, narrowed to what its purpose needs. */
export const awsSessionLease = leaseBuilder(awsSessionKind);

/** An installation token of a GitHub App, narrowed to some repositories. */
export const githubAppLease = leaseBuilder(githubAppKind);

/** The private key of a GitHub App. A person supplies it: `lockstep supply`. */
export const githubAppLeaseAuthority = leaseAuthorityBuilder(githubAppKind);

/** A token of another service, in exchange for the holder's own. */
export const federatedLease = leaseBuilder(federatedKind);
