import type { FunctionName } from '../../lambdas/contracts/names.ts';
import type { Policy, Statement } from '../rights/policy.ts';
import type { SynthesizedEnvironment } from './synthesized-environment.ts';
import { text } from './text-of.ts';

/** A role with everything that it may do. */
export interface RoleRights {
  readonly arn: string;
  /** The part of its name that is its own: a function's name, for functions. */
  readonly name: string;
  readonly trust: Policy;
  readonly statements: readonly Statement[];
  /** The permissions boundary, where it has one. */
  readonly boundary?: Policy;
}

/** Every role of an environment. No policy may come to a role from outside of it, or these would not be all. */
export function rolesOf(environment: SynthesizedEnvironment): readonly RoleRights[] {
  const attached = ['AWS::IAM::Policy', 'AWS::IAM::RolePolicy'].flatMap((type) => environment.ofType(type));
  if (attached.length > 0)
    throw new Error(`policies outside of roles: ${attached.map(({ id }) => id).join()}`);
  return environment.ofType('AWS::IAM::Role').map(({ properties }) => {
    const {
      RoleName: roleName,
      Path: path,
      Policies: policies = [],
      AssumeRolePolicyDocument: trust,
      ManagedPolicyArns: managed,
      PermissionsBoundary: boundary,
    } = properties;
    if (managed !== undefined)
      throw new Error(`${text(roleName)} has a managed policy, which these tests do not read`);
    const documents = (policies as unknown as readonly { readonly PolicyDocument: Policy }[]).map(
      ({ PolicyDocument }) => PolicyDocument,
    );
    return {
      arn: `arn:aws:iam::${environment.account}:role${text(path)}${text(roleName)}`,
      name: text(roleName).slice(`lockstep-${environment.name}-`.length),
      trust: trust as unknown as Policy,
      statements: documents.flatMap(({ Statement }) => Statement),
      ...(boundary === undefined ? {} : { boundary: managedPolicy(environment, text(boundary)) }),
    };
  });
}

function managedPolicy(environment: SynthesizedEnvironment, arn: string): Policy {
  const found = environment
    .ofType('AWS::IAM::ManagedPolicy')
    .find(({ stack, id }) => environment.resolve(stack, { Ref: id }) === arn);
  if (found) return found.properties['PolicyDocument'] as unknown as Policy;
  throw new Error(`the policy ${arn} is not in these templates`);
}

/** The role of a function. */
export function roleOf(environment: SynthesizedEnvironment, name: FunctionName): RoleRights {
  const found = rolesOf(environment).find((role) => role.name === name);
  if (found) return found;
  throw new Error(`no role of ${name}`);
}
