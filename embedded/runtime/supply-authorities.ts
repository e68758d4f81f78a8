import { randomBytes, randomUUID } from 'node:crypto';
import { accessOf, type LeaseAuthority } from '../../lambdas/core/access/access-inventory.ts';
import { secretName } from '../../lambdas/core/credential.ts';
import { LockstepError } from '../../lambdas/core/errors.ts';
import type { AuthoritySupply } from '../../lambdas/core/ports/authority-supply.ts';
import { Secret } from '../../lambdas/core/secret.ts';
import { loadSupply } from '../../lambdas/leasers/load-supply.ts';
import { proveSupply, putSupply } from '../../lambdas/supply-authority/supply-authority.ts';
import { administer } from '../postgres/provision.ts';
import { makeRole, type ProvisioningStep } from '../postgres/provisioning-steps.ts';
import type { RunningServer } from '../postgres/start-server.ts';
import { LOCAL_OPERATOR } from '../world/authorise.ts';
import type { World } from '../world/open-world.ts';
import { firstAdminKey } from './workspace-database.ts';

/**
 * Gives every lease authority that has no value one, in the way of `lockstep supply`: as the person at this machine, who
 * administers its servers and has the provider's console. What was supplied before is left alone.
 */
export async function supplyAuthorities(world: World, server: RunningServer): Promise<void> {
  const { inventory, pipeline } = world;
  const vault = world.vault.vaultFor(LOCAL_OPERATOR);
  const ports = { inventory, vault, leases: pipeline.leases };
  for (const authority of accessOf(inventory).leaseAuthorities) {
    const { versions } = await vault.describe(secretName(inventory.environment, authority.name));
    const hasValue = Object.values(versions).some((labels) => labels.includes('AWSCURRENT'));
    if (hasValue) continue;
    // The target first: a start that dies between the two makes another value, and sets that.
    const value = await valueOf(world, server, authority);
    await putSupply(ports, authority.name, randomUUID(), value);
    await proveSupply(ports, authority.name);
  }
}

async function valueOf(
  { inventory }: World,
  server: RunningServer,
  authority: LeaseAuthority,
): Promise<Secret> {
  const supply = await loadSupply(authority.kind);
  if (supply.how === 'pasted') {
    const { value } = await firstAdminKey(server, authority.name);
    return supply.read(authority, new Secret(value));
  }
  if (authority.kind !== 'postgres')
    throw new LockstepError(
      'NOT_SUPPORTED',
      `the embedded world has no server for the lease authority ${authority.name} (${authority.kind})`,
    );
  const { value, statements } = await supply.make(authority, (length) => new Uint8Array(randomBytes(length)));
  const leasables = accessOf(inventory).leasables.filter(({ authority: by }) => by === authority.name);
  const prepared = statementsOf(supply.preparation(authority, leasables));
  await administer(server, [...rolesOf(authority), ...prepared, ...statementsOf(statements)]);
  return value;
}

type MadeHere = Extract<AuthoritySupply, { readonly how: 'made-here' }>;

/** Lines that begin with `--` are for people: they make what there mostly is. */
const statementsOf = (lines: ReturnType<MadeHere['preparation']>): readonly ProvisioningStep[] =>
  lines.filter((line) => !line.startsWith('--')).map((make) => ({ make }));

/** What those lines are about: the authority's own role, and the ones whose rights leases get. */
function rolesOf({ target }: LeaseAuthority): readonly ProvisioningStep[] {
  const roles = Array.isArray(target['roles']) ? target['roles'].map(String) : [];
  return [String(target['role']), ...roles].map((role) => makeRole(role, 'NOLOGIN'));
}
