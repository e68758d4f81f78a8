import { ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { targetFunction } from '../../lambdas/contracts/names.ts';
import { LockstepFunction } from '../functions/lockstep-function.ts';
import { ledgerAccess } from '../rights/ledger-access.ts';
import { mayInvoke } from '../rights/right.ts';
import { vaultAccess } from '../rights/vault-access.ts';
import { functionArn, markOf, type Site } from '../site.ts';
import { lockSeconds } from './limits.ts';
import type { LedgerTable } from './ledger-table.ts';

/** Properties of a `TargetFunction`. */
export interface TargetFunctionProps {
  readonly site: Site;
  readonly family: string;
  readonly ledger: LedgerTable;
}

/**
 * The function that changes the credentials of one family at their targets: its role alone reads their authorities.
 * Secrets Manager may run it for secrets of this account, the functions of later stages by their own rights.
 */
export class TargetFunction extends Construct {
  constructor(scope: Construct, id: string, { site, family, ledger: { table } }: TargetFunctionProps) {
    super(scope, id);
    const name = targetFunction(family);
    const target = new LockstepFunction(this, 'Target', {
      site,
      name,
      environment: {
        LEDGER_TABLE: table.tableName,
        APPEND_AUDIT: functionArn(site, 'append-audit'),
        LOCK_SECONDS: String(lockSeconds),
        VAULT_WRITES_PER_SECOND: String(site.vaultWritesPerSecond),
        DEPLOYMENT_MARK: markOf(site),
      },
      rights: [
        ...ledgerAccess('target', table.tableArn),
        ...vaultAccess(site, name),
        mayInvoke(functionArn(site, 'append-audit')),
      ],
    });
    // Not also by `SourceArn`: the function serves many secrets, and refuses those that are not of its family.
    target.function.addPermission('SecretsManager', {
      principal: new ServicePrincipal('secretsmanager.amazonaws.com'),
      sourceAccount: site.deployment.account,
    });
  }
}
