import type { Inventory } from '../lambdas/core/credential.ts';
import { deploymentMark } from '../lambdas/core/deployment-mark.ts';
import type { Deployment } from '../lambdas/contracts/inventory/index.ts';
import { functionName, type FunctionName } from '../lambdas/contracts/names.ts';
import type { FunctionCode } from './bundles/function-code.ts';

/** One environment on AWS: where it lies, what is declared for it, and the code of its functions. */
export interface Site {
  readonly inventory: Inventory;
  readonly deployment: Deployment;
  readonly vaultWritesPerSecond: number;
  readonly code: FunctionCode;
}

/** The ARN of something of this environment. Only the partition `aws` is supported, which the inventory's checks enforce. */
export const arnAt = ({ deployment: { region, account } }: Site, service: string, resource: string): string =>
  `arn:aws:${service}:${region}:${account}:${resource}`;

/** The ARN of a function, before it exists. */
export const functionArn = (site: Site, name: FunctionName): string =>
  arnAt(site, 'lambda', `function:${functionName(site.inventory.environment, name)}`);

/**
 * By what this deployment is known at targets. There is one environment of a name in an account and region, since its
 * functions are called after it: a deployment that is made anew there is the same one.
 */
export const markOf = ({ deployment: { account, region }, inventory: { environment } }: Site): string =>
  deploymentMark('aws', account, region, environment);

/** A name for what exists once in an environment. */
export const siteName = ({ inventory: { environment } }: Site, what: string): string =>
  `lockstep-${environment}-${what}`;
