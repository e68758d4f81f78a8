import type { CloudAssembly } from 'aws-cdk-lib/cx-api';
import { SynthesizedEnvironment } from './synthesized-environment.ts';

/** A template as it may be changed. */
export interface ChangeableTemplate {
  readonly Resources: { [id: string]: { readonly Type: string; Properties?: { [name: string]: unknown } } };
}

/** The same environment with templates that are not as they should be. What was synthesized is left alone. */
export function tampered(
  environment: SynthesizedEnvironment,
  change: (template: ChangeableTemplate) => void,
): SynthesizedEnvironment {
  const stacks = environment.stacks.map(({ stackName, template }) => {
    const copy = structuredClone(template as ChangeableTemplate);
    change(copy);
    return { stackName, template: copy };
  });
  // An environment reads nothing else of an assembly.
  return new SynthesizedEnvironment(environment.declared, { stacks } as unknown as CloudAssembly);
}
