import { RemovalPolicy } from 'aws-cdk-lib';
import { AttributeType, Billing, TableEncryptionV2, TableV2 } from 'aws-cdk-lib/aws-dynamodb';
import { AnyPrincipal, Effect, PolicyDocument, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import { roleArn } from '../../lambdas/contracts/names.ts';
import { AUDIT_TABLE } from '../../lambdas/contracts/tables.ts';
import type { Site } from '../site.ts';

/** Properties of an `AuditTable`. */
export interface AuditTableProps {
  readonly site: Site;
  readonly key: IKey;
}

/** Every way of changing an item, under the names that IAM has for them. A transaction is authorised as its parts. */
const WRITES = [
  'dynamodb:BatchWriteItem',
  'dynamodb:DeleteItem',
  'dynamodb:PartiQLDelete',
  'dynamodb:PartiQLInsert',
  'dynamodb:PartiQLUpdate',
  'dynamodb:PutItem',
  'dynamodb:UpdateItem',
];

/**
 * The chains of the audit. Its own policy refuses every writer but `append-audit`, whatever IAM allows them; an
 * administrator who takes that policy away still cannot mend the signed heads, which lie elsewhere.
 */
export class AuditTable extends Construct {
  readonly table: TableV2;

  constructor(scope: Construct, id: string, { site, key }: AuditTableProps) {
    super(scope, id);
    this.table = new TableV2(this, 'Table', {
      partitionKey: { name: AUDIT_TABLE.partitionKey, type: AttributeType.STRING },
      sortKey: { name: AUDIT_TABLE.sortKey, type: AttributeType.STRING },
      billing: Billing.onDemand(),
      encryption: TableEncryptionV2.customerManagedKey(key),
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      deletionProtection: true,
      removalPolicy: RemovalPolicy.RETAIN,
      resourcePolicy: new PolicyDocument({ statements: [onlyAppendAuditWrites(site)] }),
    });
  }
}

const onlyAppendAuditWrites = ({ inventory, deployment }: Site): PolicyStatement =>
  new PolicyStatement({
    sid: 'OnlyAppendAuditWrites',
    effect: Effect.DENY,
    principals: [new AnyPrincipal()],
    actions: WRITES,
    // A table's own policy speaks of that table.
    resources: ['*'],
    conditions: {
      ArnNotEquals: {
        'aws:PrincipalArn': roleArn(deployment.account, inventory.environment, 'append-audit'),
      },
    },
  });
