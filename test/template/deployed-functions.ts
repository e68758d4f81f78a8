import { dirname, join } from 'node:path';
import type { EnvironmentKey } from '../../lambdas/contracts/function-environments.ts';
import type { FunctionName } from '../../lambdas/contracts/names.ts';
import type { SynthesizedApp } from './synthesized-app.ts';
import type { Resource, SynthesizedEnvironment } from './synthesized-environment.ts';
import { text } from './text-of.ts';

/** One function as it would be deployed. */
export interface DeployedFunction {
  readonly environment: SynthesizedEnvironment;
  readonly name: FunctionName;
  /** Its row in the table of variables. */
  readonly key: EnvironmentKey;
  readonly resource: Resource;
  readonly variables: Readonly<Record<string, string>>;
  /** The folder that is uploaded. */
  readonly folder: string;
}

const keyOf = (name: FunctionName): EnvironmentKey => {
  if (name.startsWith('target-')) return 'target';
  if (name.startsWith('lease-')) return 'lease';
  return name.startsWith('tell-') ? 'tell' : (name as EnvironmentKey);
};

/** The functions of one environment. */
export function functionsIn(environment: SynthesizedEnvironment): readonly DeployedFunction[] {
  return environment.ofType('AWS::Lambda::Function').map((resource) => {
    const { FunctionName: fullName, Environment: given, Code: code } = resource.properties;
    const name = text(fullName).slice(`lockstep-${environment.name}-`.length) as FunctionName;
    const { Variables: variables } = given as { readonly Variables: Readonly<Record<string, string>> };
    const { S3Key: key } = code as { readonly S3Key: string };
    const outdir = dirname(environment.stacks[0]?.assembly.directory ?? '');
    const folder = join(outdir, `asset.${key.replace(/\.zip$/, '')}`);
    return { environment, name, key: keyOf(name), resource, variables, folder };
  });
}

/** The functions of all environments. */
export const everyFunction = ({ environments }: SynthesizedApp): readonly DeployedFunction[] =>
  environments.flatMap(functionsIn);
