import { RemovalPolicy } from 'aws-cdk-lib';
import { AccountRootPrincipal, AnyPrincipal, PolicyDocument, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import type { Conditions } from '../rights/right.ts';
import type { Site } from '../site.ts';
import { keyAdministration } from './key-administration.ts';

/** A service of AWS that works with the key for whoever it has authorised. */
type KeyService = 'dynamodb' | 's3' | 'secretsmanager' | 'sns' | 'sqs';

/** Properties of a `DataKey`. */
export interface DataKeyProps {
  readonly site: Site;
  /** What is encrypted with it: part of its alias. */
  readonly purpose: string;
  /** Services through which principals of this account may use it. */
  readonly through: readonly KeyService[];
  /** What must hold besides, of the data that is encrypted. */
  readonly onlyFor?: Conditions;
  /** Services that publish in their own name and need the key for that. */
  readonly publishers?: readonly PolicyStatement[];
}

/**
 * A symmetric key that rotates every year and is never deleted with its stack.
 *
 * Nobody uses it directly, administrators included: a table, queue or secret that is encrypted with it is as
 * reachable as its own service makes it (`kms:ViaService`). So a role of a later stack needs no statement here, and
 * none of its own about keys.
 */
export class DataKey extends Construct {
  readonly key: Key;

  constructor(scope: Construct, id: string, props: DataKeyProps) {
    super(scope, id);
    const { site, purpose, publishers = [] } = props;
    const { environment } = site.inventory;
    this.key = new Key(this, 'Key', {
      alias: `lockstep/${environment}/${purpose}`,
      description: `Lockstep ${environment}: ${purpose}`,
      enableKeyRotation: true,
      removalPolicy: RemovalPolicy.RETAIN,
      policy: new PolicyDocument({
        statements: [
          keyAdministration(),
          useThroughServices(props),
          describe(props),
          ...grants(props),
          ...publishers,
        ],
      }),
    });
  }
}

const throughServices = ({ site: { deployment }, through }: DataKeyProps): Conditions[string] => ({
  'kms:CallerAccount': deployment.account,
  'kms:ViaService': through.map((service) => `${service}.${deployment.region}.amazonaws.com`),
});

function useThroughServices(props: DataKeyProps): PolicyStatement {
  return new PolicyStatement({
    sid: 'UseThroughServices',
    principals: [new AnyPrincipal()],
    actions: ['kms:Encrypt', 'kms:Decrypt', 'kms:ReEncrypt*', 'kms:GenerateDataKey*'],
    resources: ['*'],
    conditions: { StringEquals: throughServices(props), ...props.onlyFor },
  });
}

/** A description has no data, so no condition about data can hold for it. */
const describe = (props: DataKeyProps): PolicyStatement =>
  new PolicyStatement({
    sid: 'DescribeThroughServices',
    principals: [new AnyPrincipal()],
    actions: ['kms:DescribeKey'],
    resources: ['*'],
    conditions: { StringEquals: throughServices(props) },
  });

/** DynamoDB works on a table's key by a grant that it makes for itself when the table is created. */
function grants(props: DataKeyProps): readonly PolicyStatement[] {
  if (!props.through.includes('dynamodb')) return [];
  return [
    new PolicyStatement({
      sid: 'GrantToTables',
      principals: [new AccountRootPrincipal()],
      actions: ['kms:CreateGrant'],
      resources: ['*'],
      conditions: {
        StringEquals: throughServices({ ...props, through: ['dynamodb'] }),
        Bool: { 'kms:GrantIsForAWSResource': 'true' },
      },
    }),
  ];
}
