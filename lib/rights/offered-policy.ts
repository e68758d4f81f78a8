/* oxlint-disable no-new -- a construct adds itself to its scope */
import { ManagedPolicy } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { rolePath } from '../../lambdas/contracts/names.ts';
import { siteName, type Site } from '../site.ts';
import { statementOf, type Right } from './right.ts';

/** Properties of an `OfferedPolicy`. */
export interface OfferedPolicyProps {
  readonly site: Site;
  readonly name: string;
  readonly description: string;
  readonly rights: readonly Right[];
}

/**
 * A policy for roles that are not ours: whoever runs the account attaches it, or copies what it says. It is attached to
 * nobody here, so deploying it gives nobody anything.
 */
export class OfferedPolicy extends Construct {
  constructor(scope: Construct, id: string, { site, name, description, rights }: OfferedPolicyProps) {
    super(scope, id);
    new ManagedPolicy(this, 'Policy', {
      managedPolicyName: siteName(site, name),
      path: rolePath(site.inventory.environment),
      description,
      statements: rights.map(statementOf),
    });
  }
}
