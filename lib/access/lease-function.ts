import { Construct } from 'constructs';
import { PROVE_ALIAS } from '../../lambdas/contracts/lease-request.ts';
import { leaseFunction } from '../../lambdas/contracts/names.ts';
import { accessOf } from '../../lambdas/core/access/access-inventory.ts';
import { awsSessionKind } from '../../lambdas/leasers/aws-session/kind.ts';
import { LockstepFunction } from '../functions/lockstep-function.ts';
import type { Right } from '../rights/right.ts';
import { vaultAccess } from '../rights/vault-access.ts';
import { markOf, type Site } from '../site.ts';

/** Properties of a `LeaseFunction`. */
export interface LeaseFunctionProps {
  readonly site: Site;
  /** The kind of lease: a folder under `lambdas/leasers/`. */
  readonly kind: string;
}

/**
 * The function that makes and ends leases of one kind at their targets: its role alone reads the authorities of that
 * kind, and it has no right on the ledger, the audit or any credential that rotates. Where there are authorities, an alias
 * lets whoever supplies a value have it proved, and nothing else (`PROVE_ALIAS`).
 */
export class LeaseFunction extends Construct {
  constructor(scope: Construct, id: string, { site, kind }: LeaseFunctionProps) {
    super(scope, id);
    const name = leaseFunction(kind);
    const lease = new LockstepFunction(this, 'Lease', {
      site,
      name,
      environment: { DEPLOYMENT_MARK: markOf(site) },
      rights: [...vaultAccess(site, name), ...(kind === awsSessionKind.name ? mayAssumeDeclared(site) : [])],
    });
    const { leaseAuthorities } = accessOf(site.inventory);
    if (leaseAuthorities.some((authority) => authority.kind === kind)) lease.function.addAlias(PROVE_ALIAS);
  }
}

/**
 * To assume the roles that the inventory leases, and no other; a session carries tags that say whose it is. A role that does
 * not trust this function's role stays shut all the same.
 */
function mayAssumeDeclared({ inventory }: Site): readonly Right[] {
  const roles = accessOf(inventory)
    .leasables.filter(({ kind }) => kind === awsSessionKind.name)
    .flatMap(awsSessionKind.accounts);
  return [{ actions: ['sts:AssumeRole', 'sts:TagSession'], resources: [...new Set(roles)] }];
}
