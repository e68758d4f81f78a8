/* oxlint-disable no-new -- a construct adds itself to its scope */
import type { Construct } from 'constructs';
import { TOLD_KINDS } from '../../lambdas/contracts/routes.ts';
import { secretName, type Workload } from '../../lambdas/core/credential.ts';
import { FunctionDoor } from '../functions/function-door.ts';
import { LockstepFunction } from '../functions/lockstep-function.ts';
import { ledgerAccess } from '../rights/ledger-access.ts';
import { OfferedPolicy } from '../rights/offered-policy.ts';
import type { Right } from '../rights/right.ts';
import { secretArn } from '../rights/vault-access.ts';
import type { RotationStack } from '../rotation/rotation-stack.ts';
import { SiteStack } from '../site-stack.ts';
import { functionArn, type Site } from '../site.ts';
import { TellFunction } from './tell-function.ts';

/** Telling dependents, and taking their proofs. */
export class PropagationStack extends SiteStack {
  constructor(scope: Construct, site: Site, rotation: RotationStack) {
    super(scope, {
      site,
      name: 'propagation',
      isStateful: false,
      description: 'propagators, acknowledgement endpoint',
    });
    const { ledger, bus, key } = rotation;
    for (const dependentKind of TOLD_KINDS)
      new TellFunction(this, `Tell-${dependentKind}`, { site, dependentKind, ledger, bus, key });

    const acknowledge = new LockstepFunction(this, 'Acknowledge', {
      site,
      name: 'acknowledge',
      environment: { LEDGER_TABLE: ledger.table.tableName },
      rights: ledgerAccess('acknowledge', ledger.table.tableArn),
    });
    const door = new FunctionDoor(this, 'AcknowledgeDoor', {
      to: acknowledge.function,
      arn: functionArn(site, 'acknowledge'),
      output: 'AcknowledgeUrl',
    });
    for (const workload of site.inventory.workloads)
      new OfferedPolicy(this, `Workload-${workload.name}`, {
        site,
        name: `workload-${workload.name}`,
        description: `what the workload ${workload.name} needs: to read what it is bound to, and to acknowledge`,
        rights: [...mayReadBound(site, workload), ...door.mayCall()],
      });
  }
}

/** The secret's own policy is what lets this workload in; an identity in the same account needs its own leave as well. */
function mayReadBound(site: Site, { name }: Workload): readonly Right[] {
  const { environment, credentials } = site.inventory;
  const bound = credentials.filter(({ boundTo }) => boundTo.includes(name));
  if (bound.length === 0) return [];
  return [
    {
      actions: ['secretsmanager:GetSecretValue', 'secretsmanager:DescribeSecret'],
      resources: bound.map((credential) => secretArn(site, secretName(environment, credential.name))),
    },
  ];
}
