import { LockstepError } from '../core/errors.ts';
import type { AuthoritySupply } from '../core/ports/authority-supply.ts';

/** Each kind that has a lease authority. Loaded one at a time; none of them needs a driver. */
const SUPPLIES: Readonly<Record<string, () => Promise<AuthoritySupply>>> = {
  postgres: async () => (await import('./postgres/supply.ts')).postgresLeaseSupply,
  mysql: async () => (await import('./mysql/supply.ts')).mysqlLeaseSupply,
  redis: async () => (await import('./redis/supply.ts')).redisLeaseSupply,
  'github-app': async () => (await import('./github-app/supply.ts')).githubAppLeaseSupply,
  openai: async () => (await import('./openai/supply.ts')).openaiLeaseSupply,
};

/** How a person gives the lease authority of a kind a value. Throws `NOT_SUPPORTED` for a kind without one. */
export async function loadSupply(kind: string): Promise<AuthoritySupply> {
  const load = Object.hasOwn(SUPPLIES, kind) ? SUPPLIES[kind] : undefined;
  if (load) return load();
  throw new LockstepError(
    'NOT_SUPPORTED',
    `no value can be supplied for leases of the kind ${kind}; it can for ${Object.keys(SUPPLIES).join(', ')}`,
  );
}
