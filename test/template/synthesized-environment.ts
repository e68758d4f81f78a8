import type { CloudAssembly, CloudFormationStackArtifact } from 'aws-cdk-lib/cx-api';
import type { StackName } from '../../lambdas/contracts/names.ts';
import type { ResolvedEnvironment } from '../../lib/resolve-environments.ts';
import { identityOf } from './identity.ts';
import { text } from './text-of.ts';

/** A value out of a template, with every reference resolved to what it refers to. */
export type Resolved = string | number | boolean | readonly Resolved[] | { readonly [key: string]: Resolved };

/** One resource of one stack. */
export interface Resource {
  readonly stack: StackName;
  readonly id: string;
  readonly type: string;
  /** With references resolved, also across stacks. */
  readonly properties: { readonly [key: string]: Resolved };
  /** Exactly as in the template. */
  readonly raw: RawResource;
}

/** A resource as CloudFormation reads it. */
interface RawResource {
  readonly Type: string;
  readonly Properties?: Readonly<Record<string, unknown>>;
  readonly DeletionPolicy?: string;
  readonly UpdateReplacePolicy?: string;
  readonly DependsOn?: string | readonly string[];
  readonly Metadata?: Readonly<Record<string, unknown>>;
}

interface Template {
  readonly Resources: Readonly<Record<string, RawResource>>;
  readonly Outputs?: Readonly<Record<string, { readonly Value: unknown }>>;
}

/** What resources are called where they were deployed, by `<stack's name>/<logical id>`, for those that AWS named. */
export type PhysicalIds = ReadonlyMap<string, string>;

/** The templates of one environment, and what its references come to. */
export class SynthesizedEnvironment {
  readonly declared: ResolvedEnvironment;
  readonly stacks: readonly CloudFormationStackArtifact[];
  readonly resources: readonly Resource[];
  readonly #templates: ReadonlyMap<string, Template>;
  readonly #physicalIds: PhysicalIds;

  /** @param physicalIds absent: nothing is deployed, and generated names are made of stack and id */
  constructor(
    declared: ResolvedEnvironment,
    assembly: CloudAssembly,
    physicalIds: PhysicalIds = new Map<string, string>(),
  ) {
    this.declared = declared;
    this.#physicalIds = physicalIds;
    this.stacks = assembly.stacks;
    this.#templates = new Map(this.stacks.map((stack) => [stack.stackName, stack.template as Template]));
    this.resources = this.stacks.flatMap(({ stackName }) => this.#resourcesOf(stackName));
  }

  get name(): string {
    return this.declared.inventory.environment;
  }

  get account(): string {
    return this.declared.deployment.account;
  }

  get region(): string {
    return this.declared.deployment.region;
  }

  /** All resources of a type. */
  ofType(type: string): readonly Resource[] {
    return this.resources.filter((resource) => resource.type === type);
  }

  /** A stack's template, whole. */
  template(stack: StackName): Template {
    return this.#template(this.#stackName(stack));
  }

  /** Resolves a value of a stack's template. */
  resolve(stack: StackName, value: unknown): Resolved {
    return this.#resolve(this.#stackName(stack), value);
  }

  #resourcesOf(stackName: string): readonly Resource[] {
    const stack = stackName.slice(`lockstep-${this.name}-`.length) as StackName;
    return Object.entries(this.#template(stackName).Resources).map(([id, raw]) => ({
      stack,
      id,
      type: raw.Type,
      raw,
      properties: this.#resolve(stackName, raw.Properties ?? {}) as Resource['properties'],
    }));
  }

  #stackName(stack: StackName): string {
    return `lockstep-${this.name}-${stack}`;
  }

  #template(stackName: string): Template {
    const found = this.#templates.get(stackName);
    if (found) return found;
    throw new Error(`no stack ${stackName}`);
  }

  #resolve(stackName: string, value: unknown): Resolved {
    if (Array.isArray(value)) return value.map((each) => this.#resolve(stackName, each));
    if (typeof value !== 'object' || value === null) return value as Resolved;
    const entries = Object.entries(value);
    const [first] = entries;
    if (entries.length === 1 && first && (first[0] === 'Ref' || first[0].startsWith('Fn::')))
      return this.#reference(stackName, first[0], first[1]);
    return Object.fromEntries(entries.map(([key, each]) => [key, this.#resolve(stackName, each)]));
  }

  #reference(stackName: string, how: string, of: unknown): Resolved {
    switch (how) {
      case 'Ref':
        return this.#identity(stackName, String(of), 'Ref');
      case 'Fn::GetAtt': {
        const [id, attribute] = of as readonly [string, string];
        return this.#identity(stackName, id, attribute);
      }
      case 'Fn::Join': {
        const [delimiter, parts] = of as readonly [string, readonly unknown[]];
        return parts.map((part) => text(this.#resolve(stackName, part))).join(delimiter);
      }
      case 'Fn::GetStackOutput': {
        const { StackName: from, OutputName: output } = of as {
          readonly StackName: string;
          readonly OutputName: string;
        };
        return this.#resolve(from, this.#template(from).Outputs?.[output]?.Value);
      }
      default:
        throw new Error(`${stackName} refers by ${how}, which these tests do not know`);
    }
  }

  #identity(stackName: string, id: string, attribute: string): Resolved {
    if (id === 'AWS::Region') return this.region;
    if (id === 'AWS::AccountId') return this.account;
    const resource = this.#template(stackName).Resources[id];
    if (!resource) throw new Error(`${stackName} refers to ${id}, which it does not have`);
    const properties = this.#resolve(stackName, resource.Properties ?? {}) as Resource['properties'];
    const physicalId = this.#physicalIds.get(`${stackName}/${id}`);
    const place = {
      stackName,
      id,
      region: this.region,
      account: this.account,
      ...(physicalId === undefined ? {} : { physicalId }),
    };
    return identityOf(place, resource.Type, properties, attribute);
  }
}
