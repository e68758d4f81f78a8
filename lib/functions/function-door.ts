import { CfnOutput } from 'aws-cdk-lib';
import { FunctionUrlAuthType, type Alias, type Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import type { Right } from '../rights/right.ts';

/** Properties of a `FunctionDoor`. */
export interface FunctionDoorProps {
  /** The function, or one of its aliases: each has a URL, and so a permission, of its own. */
  readonly to: LambdaFunction | Alias;
  /** The ARN that callers are allowed, by name. */
  readonly arn: string;
  /** Under what name the stack tells the URL. */
  readonly output: string;
}

/**
 * A URL that IAM guards. Callers sign with Signature Version 4, and the function is told who signed.
 *
 * Since October 2025 a caller needs two actions. The second one is only given for calls through the URL: an ordinary
 * invocation carries whatever its sender writes into it, a caller's name included
 * (https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html).
 */
export class FunctionDoor extends Construct {
  readonly #arn: string;

  constructor(scope: Construct, id: string, { to, arn, output }: FunctionDoorProps) {
    super(scope, id);
    this.#arn = arn;
    const { url } = to.addFunctionUrl({ authType: FunctionUrlAuthType.AWS_IAM });
    new CfnOutput(this, 'Url', { value: url, description: 'signed requests only' }).overrideLogicalId(output);
  }

  /** To call it, and to find its URL. */
  mayCall(): readonly Right[] {
    return [
      {
        actions: ['lambda:InvokeFunctionUrl'],
        resources: [this.#arn],
        conditions: { StringEquals: { 'lambda:FunctionUrlAuthType': 'AWS_IAM' } },
      },
      {
        actions: ['lambda:InvokeFunction'],
        resources: [this.#arn],
        conditions: { Bool: { 'lambda:InvokedViaFunctionUrl': 'true' } },
      },
      { actions: ['lambda:GetFunctionUrlConfig'], resources: [this.#arn] },
    ];
  }
}
