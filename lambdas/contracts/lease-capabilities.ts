import type { LeaserCapabilities } from '../core/ports/leaser.ts';
import { awsSessionCapabilities } from '../leasers/aws-session/capabilities.ts';
import { federatedCapabilities } from '../leasers/federated/capabilities.ts';
import { githubAppCapabilities } from '../leasers/github-app/capabilities.ts';
import { mysqlLeaseCapabilities } from '../leasers/mysql/capabilities.ts';
import { openaiLeaseCapabilities } from '../leasers/openai/capabilities.ts';
import { postgresLeaseCapabilities } from '../leasers/postgres/capabilities.ts';
import { redisLeaseCapabilities } from '../leasers/redis/capabilities.ts';

const CAPABILITIES: Readonly<Record<string, LeaserCapabilities>> = {
  postgres: postgresLeaseCapabilities,
  mysql: mysqlLeaseCapabilities,
  redis: redisLeaseCapabilities,
  openai: openaiLeaseCapabilities,
  'aws-session': awsSessionCapabilities,
  'github-app': githubAppCapabilities,
  federated: federatedCapabilities,
};

/**
 * What a kind of lease can do; `undefined` for a kind that there is not. The same as `LEASER_KINDS` says, apart from it
 * so that no bundle carries the schema library.
 */
export const leaseCapabilities = (kind: string): LeaserCapabilities | undefined =>
  Object.hasOwn(CAPABILITIES, kind) ? CAPABILITIES[kind] : undefined;
