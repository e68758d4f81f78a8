import { RemovalPolicy } from 'aws-cdk-lib';
import { AccountRootPrincipal, PolicyDocument, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Key, KeySpec, KeyUsage } from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import { roleArn } from '../../lambdas/contracts/names.ts';
import { keyAdministration } from '../keys/key-administration.ts';
import type { Site } from '../site.ts';

/**
 * The key that signs heads: Ed25519, its private half never leaves KMS, and `seal-audit` alone signs with it.
 *
 * KMS does not rotate signing keys, and a rotated one would orphan what it signed. It rolls by overlap: a second key
 * is added, both are pinned by whoever verifies, and the first is retired when its heads no longer matter.
 */
export class SealKey extends Construct {
  readonly key: Key;

  constructor(scope: Construct, id: string, { site }: { readonly site: Site }) {
    super(scope, id);
    const { environment } = site.inventory;
    this.key = new Key(this, 'Key', {
      alias: `lockstep/${environment}/seal`,
      description: `Lockstep ${environment}: signs the heads of the audit`,
      keySpec: KeySpec.ECC_NIST_EDWARDS25519,
      keyUsage: KeyUsage.SIGN_VERIFY,
      removalPolicy: RemovalPolicy.RETAIN,
      policy: new PolicyDocument({
        statements: [
          keyAdministration(),
          onlyTheSealerSigns(roleArn(site.deployment.account, environment, 'seal-audit')),
        ],
      }),
    });
  }
}

const onlyTheSealerSigns = (sealer: string): PolicyStatement =>
  new PolicyStatement({
    sid: 'OnlyTheSealerSigns',
    principals: [new AccountRootPrincipal()],
    actions: ['kms:Sign'],
    resources: ['*'],
    conditions: { ArnEquals: { 'aws:PrincipalArn': sealer } },
  });
