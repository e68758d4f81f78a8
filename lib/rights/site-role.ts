import { Stack, Validations } from 'aws-cdk-lib';
import { PolicyDocument, Role, type IPrincipal } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { rolePath } from '../../lambdas/contracts/names.ts';
import { siteName, type Site } from '../site.ts';
import { flatReference } from './flat-reference.ts';
import { statementOf, type Right } from './right.ts';

/** Properties of a `SiteRole`. */
export interface SiteRoleProps {
  readonly site: Site;
  /** The part of the role's name that is its own: a function's name. */
  readonly name: string;
  /** Who acts as this role. */
  readonly assumedBy: IPrincipal;
  readonly description: string;
}

/** IAM takes this many characters in all policies inside a role. */
const LONGEST_POLICY = 10_240;

/**
 * A role with a fixed name under `/lockstep/<environment>/`, since policies of earlier stacks name it before it
 * exists. Its rights are inside it, so a role never exists with half of them. A wildcard needs its reason here.
 */
export class SiteRole extends Construct {
  readonly role: Role;
  readonly #rights = new PolicyDocument();

  constructor(scope: Construct, id: string, { site, name, assumedBy, description }: SiteRoleProps) {
    super(scope, id);
    this.role = new Role(this, 'Role', {
      roleName: siteName(site, name),
      path: rolePath(site.inventory.environment),
      assumedBy,
      description,
      inlinePolicies: { rights: this.#rights },
    });
    this.node.addValidation({ validate: () => this.#tooLong(name) });
  }

  /** Adds rights. */
  allow(...rights: readonly Right[]): void {
    for (const right of rights) {
      this.#rights.addStatements(statementOf(right));
      for (const resource of right.resources) this.#explain(resource, right.because);
    }
  }

  #explain(resource: string, because: string | undefined): void {
    const name = flatReference(Stack.of(this).resolve(resource));
    if (!/[*?]/.test(name)) return;
    if (because === undefined)
      throw new Error(`the right to ${name} holds a wildcard and no reason: say why in \`because\``);
    Validations.of(this.role).acknowledge(
      { id: `AwsSolutions-IAM5[Resource::${name}]`, reason: because },
      {
        id: 'Serverless-LambdaStarPermissions',
        reason: 'each wildcard has its own reason under AwsSolutions-IAM5',
      },
    );
  }

  #tooLong(name: string): string[] {
    const { length } = JSON.stringify(Stack.of(this).resolve(this.#rights));
    if (length <= LONGEST_POLICY) return [];
    return [
      `the rights of ${name} take ${length} characters, IAM takes ${LONGEST_POLICY}: too many credentials in one environment; move some to another one`,
    ];
  }
}
