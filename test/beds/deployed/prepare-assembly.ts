import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** A resource as it lies in a template. */
interface TemplateResource {
  readonly Type: string;
  Properties?: { [name: string]: unknown };
  DependsOn?: string | string[];
}

interface Template {
  readonly Resources: { [id: string]: TemplateResource };
}

/** What is done to the templates for the bed, and nothing else. */
export interface Preparation {
  /** Types that the bed does not take: left out. */
  readonly leaveOut: readonly string[];
  /** Variables that every function gets besides its own. */
  readonly variables: Readonly<Record<string, string>>;
  /** Options of Node.js that every function gets besides its own. */
  readonly nodeOptions: string;
  /** Deliveries of a message before it is a dead letter: twelve would take an hour. */
  readonly maxReceiveCount: number;
}

/** How many resources there were, and how many are deployed. */
export interface Counts {
  readonly synthesized: number;
  readonly deployed: number;
  readonly leftOut: Readonly<Record<string, number>>;
}

/** Rewrites the templates of a nested assembly. What was left out is handed back, so that nothing vanishes unseen. */
export function prepareAssembly(
  folder: string,
  preparation: Preparation,
): Counts & { readonly gone: readonly TemplateResource[] } {
  const gone: TemplateResource[] = [];
  let synthesized = 0;
  for (const name of readdirSync(folder).filter((each) => each.endsWith('.template.json'))) {
    const path = join(folder, name);
    const template = JSON.parse(readFileSync(path, 'utf8')) as Template;
    synthesized += Object.keys(template.Resources).length;
    gone.push(...leaveOut(template, preparation.leaveOut));
    for (const resource of Object.values(template.Resources)) prepare(resource, preparation);
    writeFileSync(path, JSON.stringify(template));
  }
  const leftOut = Object.fromEntries(
    preparation.leaveOut.map((type) => [type, gone.filter(({ Type }) => Type === type).length]),
  );
  return { synthesized, deployed: synthesized - gone.length, leftOut, gone };
}

function leaveOut(template: Template, types: readonly string[]): readonly TemplateResource[] {
  const ids = Object.entries(template.Resources)
    .filter(([, { Type }]) => types.includes(Type))
    .map(([id]) => id);
  const gone = ids.flatMap((id) => template.Resources[id] ?? []);
  for (const id of ids) delete template.Resources[id];
  for (const resource of Object.values(template.Resources)) {
    const { DependsOn } = resource;
    if (DependsOn === undefined) continue;
    const kept = [DependsOn].flat().filter((id) => !ids.includes(id));
    if (kept.length > 0) resource.DependsOn = kept;
    else delete resource.DependsOn;
  }
  return gone;
}

function prepare(resource: TemplateResource, { variables, nodeOptions, maxReceiveCount }: Preparation): void {
  const properties = resource.Properties;
  if (!properties) return;
  if (resource.Type === 'AWS::Lambda::Function') {
    const { Variables: own = {} } = (properties['Environment'] ?? {}) as {
      readonly Variables?: Readonly<Record<string, string>>;
    };
    const NODE_OPTIONS = `${own['NODE_OPTIONS'] ?? ''} ${nodeOptions}`.trim();
    properties['Environment'] = { Variables: { ...own, ...variables, NODE_OPTIONS } };
  }
  const redrive = properties['RedrivePolicy'];
  if (resource.Type === 'AWS::SQS::Queue' && typeof redrive === 'object')
    properties['RedrivePolicy'] = { ...redrive, maxReceiveCount };
}
