import { CfnOutput } from 'aws-cdk-lib';
import { FunctionUrlAuthType, type Alias } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';

/** Properties of a `TokenDoor`. */
export interface TokenDoorProps {
  readonly to: Alias;
  /** Under what name the stack tells the URL. */
  readonly output: string;
}

/**
 * A URL that IAM does not guard, for callers who have a token of an issuer and no identity of AWS. Anybody in the world
 * reaches the function by it, so the function verifies the token before it does anything else, and takes no other proof
 * at this alias; how many may try at once is bounded by its reserved concurrency (docs/threat-model.md).
 *
 * Both actions are given to everybody, and for calls through the URL alone: without the second condition anybody could
 * invoke the function with a payload of their own making (https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html).
 */
export class TokenDoor extends Construct {
  constructor(scope: Construct, id: string, { to, output }: TokenDoorProps) {
    super(scope, id);
    const { url } = to.addFunctionUrl({ authType: FunctionUrlAuthType.NONE });
    new CfnOutput(this, 'Url', { value: url, description: 'tokens only' }).overrideLogicalId(output);
  }
}
