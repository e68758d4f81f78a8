import { FAMILIES } from '../../lambdas/contracts/kinds.ts';
import { FUNCTIONS, targetFunction, tellFunction, type FunctionName } from '../../lambdas/contracts/names.ts';
import { TOLD_KINDS } from '../../lambdas/contracts/routes.ts';

/** One function and the file that it runs. */
export interface Handler {
  readonly name: FunctionName;
  /** From the repository's root. */
  readonly path: string;
}

/** Every function there is, in the order of the stacks: what is bundled, measured and deployed. */
export const HANDLERS: readonly Handler[] = [
  ...(Object.keys(FUNCTIONS) as (keyof typeof FUNCTIONS)[]).map((name) => ({
    name,
    path: `lambdas/${name}/handler.ts`,
  })),
  ...FAMILIES.map((family) => ({
    name: targetFunction(family),
    path: `lambdas/rotators/${family}/handler.ts`,
  })),
  ...TOLD_KINDS.map((kind) => ({
    name: tellFunction(kind),
    path: `lambdas/propagators/${kind}/handler.ts`,
  })),
];
