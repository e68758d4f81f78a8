import { Effect, PolicyStatement } from 'aws-cdk-lib/aws-iam';

/** Conditions of a statement: operator, key, value. */
export type Conditions = Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;

/** Something that a role may do. */
export interface Right {
  readonly actions: readonly string[];
  readonly resources: readonly string[];
  readonly conditions?: Conditions;
  /** Why a resource holds a wildcard: asked for wherever one does. */
  readonly because?: string;
}

/** A right as a statement of a policy. */
export const statementOf = ({ actions, resources, conditions }: Right): PolicyStatement =>
  new PolicyStatement({
    effect: Effect.ALLOW,
    actions: [...actions],
    resources: [...resources],
    ...(conditions ? { conditions } : {}),
  });

/** To run functions and wait for their answers. */
export const mayInvoke = (...functionArns: readonly string[]): Right => ({
  actions: ['lambda:InvokeFunction'],
  resources: functionArns,
});
