import { mayByIdentity } from '../rights/one-policy.ts';
import type { Policy, Statement } from '../rights/policy.ts';
import type { SynthesizedEnvironment } from './synthesized-environment.ts';

/** The ARN of a function, or of one of its aliases. */
export const functionArn = (environment: SynthesizedEnvironment, name: string): string =>
  `arn:aws:lambda:${environment.region}:${environment.account}:function:lockstep-${environment.name}-${name}`;

/** What one of the policies says that are offered to roles of others. */
export function offered(environment: SynthesizedEnvironment, name: string): readonly Statement[] {
  const found = environment
    .ofType('AWS::IAM::ManagedPolicy')
    .find(({ properties }) => properties['ManagedPolicyName'] === `lockstep-${environment.name}-${name}`);
  if (!found) throw new Error(`no policy ${name}`);
  return (found.properties['PolicyDocument'] as unknown as Policy).Statement;
}

/** Whether somebody may call a function by its URL, which takes two actions; and whether they may invoke it directly. */
export function ways(environment: SynthesizedEnvironment, statements: readonly Statement[], to: string) {
  const resource = functionArn(environment, to);
  const url = { 'lambda:FunctionUrlAuthType': 'AWS_IAM' };
  return {
    byUrl:
      mayByIdentity(statements, { action: 'lambda:InvokeFunctionUrl', resource, context: url }) &&
      mayByIdentity(statements, {
        action: 'lambda:InvokeFunction',
        resource,
        context: { 'lambda:InvokedViaFunctionUrl': 'true' },
      }),
    directly: mayByIdentity(statements, {
      action: 'lambda:InvokeFunction',
      resource,
      context: { 'lambda:InvokedViaFunctionUrl': null },
    }),
  };
}
