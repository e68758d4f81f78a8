/* oxlint-disable no-new -- a construct adds itself to its scope */
import type { Construct } from 'constructs';
import { leaseFunction } from '../../lambdas/contracts/names.ts';
import { accessOf } from '../../lambdas/core/access/access-inventory.ts';
import { QueueFedFunction } from '../queues/queue-fed-function.ts';
import { ledgerAccess } from '../rights/ledger-access.ts';
import { OfferedPolicy } from '../rights/offered-policy.ts';
import { mayInvoke, type Right } from '../rights/right.ts';
import type { RotationStack } from '../rotation/rotation-stack.ts';
import { SiteStack } from '../site-stack.ts';
import { functionArn, type Site } from '../site.ts';
import { BrokerFunction } from './broker-function.ts';
import { LeaseFunction } from './lease-function.ts';
import { leaseKindsOf } from './lease-kinds.ts';
import { maySupply } from './supplier-policy.ts';

/** Credentials for minutes: the broker, a function for each kind of lease, and the sweeper that ends what is over. */
export class AccessStack extends SiteStack {
  constructor(scope: Construct, site: Site, rotation: RotationStack) {
    super(scope, {
      site,
      name: 'access',
      isStateful: false,
      description: 'lease broker, lease functions, sweeper',
    });
    const kinds = leaseKindsOf(site.inventory);
    for (const kind of kinds) new LeaseFunction(this, `Lease-${kind}`, { site, kind });
    const mayRunLeases = mayInvoke(...kinds.map((kind) => functionArn(site, leaseFunction(kind))));
    const { door } = new BrokerFunction(this, 'GrantLease', { site, rotation, mayRunLeases });
    addSweeper(this, site, rotation, mayRunLeases);
    new OfferedPolicy(this, 'AskerPolicy', {
      site,
      name: 'asker',
      description:
        'to ask for leases, for workloads and people: who gets which one is for policies/ to decide',
      rights: door.mayCall(),
    });
    for (const authority of accessOf(site.inventory).leaseAuthorities)
      new OfferedPolicy(this, `SupplierPolicy-${authority.name}`, {
        site,
        name: `supplier-${authority.name}`,
        description: `to supply the lease authority ${authority.name}, for those whom the inventory names as its adopters`,
        rights: maySupply(site, authority),
      });
  }
}

function addSweeper(scope: Construct, site: Site, rotation: RotationStack, mayRunLeases: Right): void {
  const { bus, key, ledger } = rotation;
  new QueueFedFunction(scope, 'SweepLeases', {
    site,
    name: 'sweep-leases',
    bus,
    key,
    environment: rotation.ledgerVariables,
    rights: [
      ...ledgerAccess('sweep-leases', ledger.table.tableArn),
      mayInvoke(functionArn(site, 'append-audit')),
      mayRunLeases,
    ],
  });
}
