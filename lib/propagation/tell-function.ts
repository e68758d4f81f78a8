/* oxlint-disable no-new -- a construct adds itself to its scope */
import type { EventBus } from 'aws-cdk-lib/aws-events';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import { tellFunction } from '../../lambdas/contracts/names.ts';
import { QueueFedFunction } from '../queues/queue-fed-function.ts';
import { ledgerAccess } from '../rights/ledger-access.ts';
import { vaultAccess } from '../rights/vault-access.ts';
import type { LedgerTable } from '../rotation/ledger-table.ts';
import type { Site } from '../site.ts';

/** Properties of a `TellFunction`. */
export interface TellFunctionProps {
  readonly site: Site;
  readonly dependentKind: string;
  readonly ledger: LedgerTable;
  readonly bus: EventBus;
  readonly key: IKey;
}

/** The function that tells dependents of one kind. The only values it may read are the keys that sign what it tells. */
export class TellFunction extends Construct {
  constructor(
    scope: Construct,
    id: string,
    { site, dependentKind, ledger: { table }, bus, key }: TellFunctionProps,
  ) {
    super(scope, id);
    const name = tellFunction(dependentKind);
    new QueueFedFunction(this, 'Tell', {
      site,
      name,
      bus,
      key,
      environment: { LEDGER_TABLE: table.tableName },
      rights: [...ledgerAccess('tell', table.tableArn), ...vaultAccess(site, name)],
    });
  }
}
