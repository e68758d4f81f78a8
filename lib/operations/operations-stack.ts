/* oxlint-disable no-new -- a construct adds itself to its scope */
import type { Construct } from 'constructs';
import { GUARDED_ORDERS } from '../../lambdas/contracts/orders.ts';
import type { AuditStack } from '../audit/audit-stack.ts';
import { QueueFedFunction } from '../queues/queue-fed-function.ts';
import { ledgerAccess } from '../rights/ledger-access.ts';
import { OfferedPolicy } from '../rights/offered-policy.ts';
import { mayInvoke } from '../rights/right.ts';
import { vaultAccess } from '../rights/vault-access.ts';
import { orphansEverySeconds, stuckAfterSeconds } from '../rotation/limits.ts';
import { mayPublish } from '../rotation/may-publish.ts';
import type { RotationStack } from '../rotation/rotation-stack.ts';
import { SiteStack } from '../site-stack.ts';
import { functionArn, type Site } from '../site.ts';
import { OperateFunction } from './operate-function.ts';
import { ReportFunction } from './report-function.ts';

/** The stacks that operations build on. */
export interface OperationsStackProps {
  readonly audit: AuditStack;
  readonly rotation: RotationStack;
}

/** What people call: orders and reports; and reconcile, which mends what got stuck. */
export class OperationsStack extends SiteStack {
  constructor(scope: Construct, site: Site, { audit, rotation }: OperationsStackProps) {
    super(scope, { site, name: 'operations', isStateful: false, description: 'operate, report, reconcile' });
    const operate = new OperateFunction(this, 'Operate', { site, rotation });
    const { door: report } = new ReportFunction(this, 'Report', { site, audit, rotation });
    addReconcile(this, site, rotation);

    new OfferedPolicy(this, 'ReporterPolicy', {
      site,
      name: 'reporter',
      description: 'to ask for status, history, findings, the inventory and the verification of the audit',
      rights: report.mayCall(),
    });
    new OfferedPolicy(this, 'OperatorPolicy', {
      site,
      name: 'operator',
      description:
        'to give ordinary orders: adopt, rotate, hold, release, redrive, page --test; and to ask for reports',
      rights: [...operate.mayOrder('live'), ...report.mayCall()],
    });
    for (const order of GUARDED_ORDERS)
      new OfferedPolicy(this, `OperatorPolicy-${order}`, {
        site,
        name: `operator-${order}`,
        description: `to give the order ${order}, which is a permission of its own`,
        rights: operate.mayOrder(order),
      });
  }
}

function addReconcile(scope: Construct, site: Site, rotation: RotationStack): void {
  const { bus, key, ledger } = rotation;
  new QueueFedFunction(scope, 'Reconcile', {
    site,
    name: 'reconcile',
    bus,
    key,
    environment: {
      ...rotation.ledgerVariables,
      BUS: bus.eventBusName,
      STUCK_AFTER_SECONDS: String(stuckAfterSeconds),
      ORPHANS_EVERY_SECONDS: String(orphansEverySeconds),
    },
    rights: [
      ...ledgerAccess('reconcile', ledger.table.tableArn),
      ...vaultAccess(site, 'reconcile'),
      mayInvoke(functionArn(site, 'append-audit')),
      rotation.mayRunTargets(),
      // It also publishes what the outbox holds, which may be of any type.
      mayPublish(bus.eventBusArn),
    ],
  });
}
