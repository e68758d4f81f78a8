import { FUNCTION_ENVIRONMENTS, type EnvironmentKey } from '../../lambdas/contracts/function-environments.ts';
import type { FunctionName } from '../../lambdas/contracts/names.ts';

/** The row of the table of variables that a function reads. */
export type EnvironmentKeyOf<N extends FunctionName> = N extends `target-${string}`
  ? 'target'
  : N extends `tell-${string}`
    ? 'tell'
    : N extends `lease-${string}`
      ? 'lease'
      : Extract<N, EnvironmentKey>;

/** The row of a function, by its name. */
export function environmentKeyOf(name: FunctionName): EnvironmentKey {
  if (name.startsWith('target-')) return 'target';
  if (name.startsWith('tell-')) return 'tell';
  if (name.startsWith('lease-')) return 'lease';
  if (name in FUNCTION_ENVIRONMENTS) return name as EnvironmentKey;
  throw new Error(`the function ${name} has no row in contracts/function-environments.ts`);
}

/** Variables that every function gets without being asked. */
type Given = 'LOCKSTEP_ENVIRONMENT' | 'LOCKSTEP_FUNCTION';

/** The variables that a function has to be given. One that is forgotten, or that it does not read, does not compile. */
export type Variables<K extends EnvironmentKey> = {
  readonly [V in Exclude<keyof (typeof FUNCTION_ENVIRONMENTS)[K], Given>]: string;
};
