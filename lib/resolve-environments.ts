import type { Inventory } from '../lambdas/core/credential.ts';
import { LEAST_WRITES_PER_SECOND, VAULT_WRITES_PER_SECOND } from '../lambdas/core/rotation/write-budget.ts';
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
  /** Its part of what Lockstep may write to Secrets Manager in a second. */
  readonly vaultWritesPerSecond: number;
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
  const resolved = namesOf(workspace).flatMap((name) => {
    const { inventory, deployment } = resolveInventory(workspace, name);
    return inventory && deployment ? [{ inventory, deployment }] : [];
  });
  const deployments = resolved.map(({ deployment }) => deployment);
  const environments = resolved.map((each) => ({
    ...each,
    vaultWritesPerSecond: writesPerSecond(each.deployment, deployments),
  }));
  return { environments, problems };
}

/** The quota is of an account in a Region: environments that lie in the same one share what Lockstep takes of it. */
function writesPerSecond({ account, region }: Deployment, all: readonly Deployment[]): number {
  const beside = all.filter((each) => each.account === account && each.region === region).length;
  return Math.max(LEAST_WRITES_PER_SECOND, Math.floor(VAULT_WRITES_PER_SECOND / beside));
}

/** Only asked of a workspace that has passed its checks. */
const namesOf = (workspace: unknown): readonly string[] =>
  Object.keys((workspace as { readonly environments: object }).environments).filter((name) => name !== LOCAL);
