import type { Inventory } from '../lambdas/core/credential.ts';
import {
  LOCAL,
  checkWorkspace,
  resolveInventory,
  type Deployment,
  type Problem,
} from '../lambdas/contracts/inventory/index.ts';

/** One environment on AWS, checked. */
export interface ResolvedEnvironment {
  readonly inventory: Inventory;
  readonly deployment: Deployment;
}

/** Everything that can be synthesized, or everything that is wrong with the file. Never both. */
export interface ResolvedWorkspace {
  readonly environments: readonly ResolvedEnvironment[];
  readonly problems: readonly Problem[];
}

/** Checks a workspace and resolves all its environments but `local`, which lies in no account. */
export function resolveEnvironments(workspace: unknown): ResolvedWorkspace {
  const problems = checkWorkspace(workspace);
  if (problems.length > 0) return { environments: [], problems };
  const environments = namesOf(workspace).flatMap((name) => {
    const { inventory, deployment } = resolveInventory(workspace, name);
    return inventory && deployment ? [{ inventory, deployment }] : [];
  });
  return { environments, problems };
}

/** Only asked of a workspace that has passed its checks. */
const namesOf = (workspace: unknown): readonly string[] =>
  Object.keys((workspace as { readonly environments: object }).environments).filter((name) => name !== LOCAL);
