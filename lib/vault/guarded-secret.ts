import { RemovalPolicy, Validations } from 'aws-cdk-lib';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { CfnResourcePolicy, CfnSecret } from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import { secretPolicy, type PolicySubject } from './secret-policy.ts';

/** Properties of a `GuardedSecret`. */
export interface GuardedSecretProps extends PolicySubject {
  readonly key: IKey;
  readonly description: string;
}

/**
 * A secret without a value and without a rotation schedule, since either would act while it is deployed: adoption puts
 * the one and configures the other. It outlives its stack, and so does the policy that guards it.
 */
export class GuardedSecret extends Construct {
  constructor(scope: Construct, id: string, props: GuardedSecretProps) {
    super(scope, id);
    // Not the L2: it makes up a value where none is given.
    const secret = new CfnSecret(this, 'Secret', {
      name: props.secret,
      description: props.description,
      kmsKeyId: props.key.keyArn,
    });
    const policy = new CfnResourcePolicy(this, 'Policy', {
      secretId: secret.ref,
      resourcePolicy: secretPolicy(props),
      blockPublicPolicy: true,
    });
    for (const each of [secret, policy]) each.applyRemovalPolicy(RemovalPolicy.RETAIN);
    Validations.of(secret).acknowledge({
      id: 'AwsSolutions-SMG4',
      reason:
        props.suppliers.length > 0
          ? 'a person supplies its value: a function that could change it could use it, and no role may both rotate and lease'
          : 'a rotation schedule in the template would rotate while it is deployed; Lockstep rotates it on its own cadence, and adoption configures the backstop',
    });
  }
}
