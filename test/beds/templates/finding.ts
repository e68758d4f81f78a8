/** Something that a set of rules has against a template. */
export interface Finding {
  readonly ruleSet: 'cfn-guard' | 'cfn-lint';
  readonly rule: string;
  /** `error`: the template is wrong. `warning`: it may be meant, and somebody has to say so. */
  readonly level: 'error' | 'warning';
  /** The path of the template. */
  readonly template: string;
  /** The logical id of the resource; none where the rule set does not say which. */
  readonly resource: string | undefined;
  /** The type of that resource; none as well. */
  readonly type: string | undefined;
  readonly message: string;
}

/** A template as far as findings need it. */
interface Template {
  readonly Resources: Readonly<Record<string, { readonly Type: string }>>;
}

/** A file of a template. */
export interface TemplateFile {
  readonly path: string;
  readonly template: Template;
}

/** The type of a resource. */
export const typeIn = (
  files: readonly TemplateFile[],
  path: string,
  id: string | undefined,
): string | undefined =>
  id === undefined ? undefined : files.find((file) => file.path === path)?.template.Resources[id]?.Type;

/** A finding as a person reads it. */
export const tellFinding = ({ ruleSet, rule, template, resource, type, message }: Finding): string =>
  `${ruleSet} ${rule} in ${template.split('/').at(-1) ?? template}, ${resource ?? 'somewhere'}${type === undefined ? '' : ` (${type})`}: ${message}`;
