import { Stack } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { StackName } from '../lambdas/contracts/names.ts';
import { siteName, type Site } from './site.ts';

/** Properties of a `SiteStack`. */
export interface SiteStackProps {
  readonly site: Site;
  readonly name: StackName;
  /** It holds what cannot be made again: nobody terminates it by a slip. */
  readonly isStateful: boolean;
  readonly description: string;
}

/** One stack of an environment: `lockstep-<environment>-<name>`, in the environment's account and region. */
export class SiteStack extends Stack {
  constructor(scope: Construct, { site, name, isStateful, description }: SiteStackProps) {
    const { account, region } = site.deployment;
    super(scope, name, {
      stackName: siteName(site, name),
      description: `Lockstep ${site.inventory.environment}, ${name}: ${description}`,
      env: { account, region },
      terminationProtection: isStateful,
      // CloudFormation takes 1 MB, and blanks are half of a template with hundreds of secrets.
      suppressTemplateIndentation: true,
      tags: { 'lockstep:environment': site.inventory.environment, 'lockstep:stack': name },
    });
  }
}
