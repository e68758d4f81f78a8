import { Stage, type Stack } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { AccessStack } from './access/access-stack.ts';
import { hasLeases } from './access/lease-kinds.ts';
import { AuditStack } from './audit/audit-stack.ts';
import { OperationsStack } from './operations/operations-stack.ts';
import { PropagationStack } from './propagation/propagation-stack.ts';
import { RotationStack } from './rotation/rotation-stack.ts';
import type { Site } from './site.ts';
import { VaultStack } from './vault/vault-stack.ts';
import { WatchStack } from './watch/watch-stack.ts';

/**
 * One environment: its stacks, each knowing only those before it.
 *
 * `access` is there only where something can be leased: elsewhere nothing of it is, and an empty stack would promise something.
 */
export class EnvironmentStage extends Stage {
  constructor(scope: Construct, site: Site) {
    const { account, region } = site.deployment;
    super(scope, site.inventory.environment, { env: { account, region } });
    const audit = new AuditStack(this, site);
    const vault = new VaultStack(this, site);
    const rotation = new RotationStack(this, site);
    const propagation = new PropagationStack(this, site, rotation);
    const access = hasLeases(site.inventory) ? [new AccessStack(this, site, rotation)] : [];
    const operations = new OperationsStack(this, site, { audit, rotation });
    const watch = new WatchStack(this, site, { audit, rotation });
    inOrder([audit, vault, rotation, propagation, ...access, operations, watch]);
  }
}

/** Also where no value is passed on: a function must not run before the table, queue or policy that it counts on is there. */
function inOrder(stacks: readonly Stack[]): void {
  for (const [index, stack] of stacks.entries()) {
    const before = stacks[index - 1];
    if (before) stack.addStackDependency(before);
  }
}
