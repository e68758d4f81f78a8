/* oxlint-disable no-new -- a construct adds itself to its scope */
import type { Construct } from 'constructs';
import { DataKey } from '../keys/data-key.ts';
import { rulesPublish } from '../keys/publishers.ts';
import { LockstepFunction } from '../functions/lockstep-function.ts';
import { QueueFedFunction } from '../queues/queue-fed-function.ts';
import { leadingKeys } from '../rights/ledger-access.ts';
import type { Right } from '../rights/right.ts';
import { SiteStack } from '../site-stack.ts';
import type { Site } from '../site.ts';
import { AUDIT_TABLE } from '../../lambdas/contracts/tables.ts';
import { AuditTable } from './audit-table.ts';
import { HeadsBucket, HEADS_PREFIX } from './heads-bucket.ts';
import { SealKey } from './seal-key.ts';

const CHAINS = 'chain#*';

/** What happened, and who vouches for it: the chains, their signed heads, and the two functions that write them. */
export class AuditStack extends SiteStack {
  readonly table: AuditTable;
  readonly heads: HeadsBucket;
  readonly sealKey: SealKey;
  /** Where heads lie, as every function that reads or writes them is told. */
  readonly headsVariables: { readonly HEADS_BUCKET: string; readonly HEADS_PREFIX: string };

  constructor(scope: Construct, site: Site) {
    super(scope, {
      site,
      name: 'audit',
      isStateful: true,
      description: 'chains, signed heads, append and seal',
    });
    const { key } = new DataKey(this, 'DataKey', {
      site,
      purpose: 'audit',
      through: ['dynamodb', 's3', 'sqs'],
      publishers: [rulesPublish()],
    });
    this.table = new AuditTable(this, 'Chains', { site, key });
    this.heads = new HeadsBucket(this, 'Heads', { site, key });
    this.sealKey = new SealKey(this, 'SealKey', { site });
    this.headsVariables = { HEADS_BUCKET: this.heads.bucket.bucketName, HEADS_PREFIX };
    const { tableName, tableArn } = this.table.table;

    new LockstepFunction(this, 'AppendAudit', {
      site,
      name: 'append-audit',
      environment: { AUDIT_TABLE: tableName },
      // It looks one entry up, to answer a repeat with its record. Listing a chain is for `report` alone.
      rights: [on(tableArn, ['dynamodb:GetItem', 'dynamodb:PutItem'], [CHAINS, AUDIT_TABLE.tailsPartition])],
    });
    new QueueFedFunction(this, 'SealAudit', {
      site,
      name: 'seal-audit',
      key,
      environment: { AUDIT_TABLE: tableName, SEAL_KEY: this.sealKey.key.keyArn, ...this.headsVariables },
      rights: [
        on(tableArn, ['dynamodb:Query'], [AUDIT_TABLE.tailsPartition]),
        ...this.heads.mayRead(),
        this.heads.mayAdd(),
        { actions: ['kms:Sign', 'kms:GetPublicKey'], resources: [this.sealKey.key.keyArn] },
      ],
    });
  }

  /** To read the whole audit: every chain, every head, and the key that heads are verified with. `report` alone. */
  mayReadAll(): readonly Right[] {
    return [
      on(this.table.table.tableArn, ['dynamodb:Query'], [CHAINS, AUDIT_TABLE.tailsPartition]),
      ...this.heads.mayRead(),
      { actions: ['kms:GetPublicKey'], resources: [this.sealKey.key.keyArn] },
    ];
  }
}

const on = (tableArn: string, actions: readonly string[], keys: readonly string[]): Right => ({
  actions,
  resources: [tableArn],
  conditions: leadingKeys(keys),
});
