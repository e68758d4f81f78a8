import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { policySetTextToParts, policyToJson, schemaToJson } from './cedar-wasm.ts';
import type { Problem } from '../contracts/inventory/problem.ts';
import type { PolicyBundle, PolicyText } from './policy-bundle.ts';
import { said } from './said.ts';

/** The policies of a folder, or everything that is wrong with it. Never both. */
export type PolicyReading =
  | { readonly bundle: PolicyBundle; readonly problems?: undefined }
  | { readonly problems: readonly Problem[]; readonly bundle?: undefined };

/** The name of the schema in a folder of policies, and at Lockstep itself. */
export const SCHEMA_FILE = 'schema.cedarschema';

/** An id of a policy: it is a word of the audit. */
const ID = /^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/;
const LONGEST_ID = 64;

/** Where files of policies come from: a folder, or a version of one. */
export interface PolicyFiles {
  /** What the files are called, as a person finds them again: `policies`. */
  readonly folder: string;
  readonly files: Readonly<Record<string, string>>;
}

/** The files of a folder on disk: those that are policies or their schema. None, where there is no such folder. */
export function policyFilesIn(folder: string, shownAs = folder): PolicyFiles {
  if (!existsSync(folder)) return { folder: shownAs, files: {} };
  const names = readdirSync(folder).filter((name) => name.endsWith('.cedar') || name === SCHEMA_FILE);
  return {
    folder: shownAs,
    files: Object.fromEntries(names.sort().map((name) => [name, readFileSync(join(folder, name), 'utf8')])),
  };
}

/**
 * Reads policies: one concern per file, each policy with an id of its own. `schema` is the schema of this version of
 * Lockstep; a folder that has one as well must have the same.
 *
 * Templates are refused: nothing here would ever fill one in, so it would look like a policy and be none.
 */
export function readPolicies({ folder, files }: PolicyFiles, schema: string): PolicyReading {
  const problems: Problem[] = [];
  const policies = new Map<string, PolicyText>();
  const { [SCHEMA_FILE]: theirs, ...texts } = files;
  if (theirs !== undefined && !sameSchema(theirs, schema)) problems.push(foreignSchema(folder));
  for (const [name, text] of Object.entries(texts)) {
    const file = `${folder}/${name}`;
    const read = readFile(file, text);
    problems.push(...read.problems);
    for (const { id, text: policy } of read.policies) {
      const twin = policies.get(id);
      if (twin) problems.push(twice(file, id, twin.file));
      else policies.set(id, { file, text: policy });
    }
  }
  if (policies.size === 0 && problems.length === 0) problems.push(nothing(folder));
  return problems.length > 0 ? { problems } : { bundle: { schema, policies: Object.fromEntries(policies) } };
}

interface FileReading {
  readonly problems: readonly Problem[];
  readonly policies: readonly { readonly id: string; readonly text: string }[];
}

function readFile(file: string, text: string): FileReading {
  const parts = policySetTextToParts(text);
  if (parts.type === 'failure')
    return { problems: parts.errors.map((error) => unreadable(file, text, error)), policies: [] };
  const read = parts.policies.map((policy) => ({ policy, id: idOf(policy) }));
  return {
    policies: read.flatMap(({ policy, id }) => (isId(id) ? [{ id, text: policy }] : [])),
    problems: [
      ...parts.policy_templates.map((template) => aTemplate(file, template)),
      ...read.flatMap(({ policy, id }) => (isId(id) ? [] : [withoutId(file, policy, id)])),
    ],
  };
}

const isId = (id: string | undefined): id is string =>
  id !== undefined && id.length <= LONGEST_ID && ID.test(id);

function idOf(policy: string): string | undefined {
  const answer = policyToJson(policy);
  return answer.type === 'success' ? (answer.json.annotations?.['id'] ?? undefined) : undefined;
}

function sameSchema(one: string, other: string): boolean {
  const [a, b] = [schemaToJson(one), schemaToJson(other)];
  return a.type === 'success' && b.type === 'success' && JSON.stringify(a.json) === JSON.stringify(b.json);
}

/** Beginnings of a policy, so that its author finds it. */
const beginning = (policy: string): string =>
  said(policy.split('\n').find((line) => line.trim() !== '') ?? '');

const foreignSchema = (folder: string): Problem => ({
  path: `${folder}/${SCHEMA_FILE}`,
  found: 'another schema than this version of Lockstep decides by',
  allowed: 'the schema that comes with Lockstep, word for word or laid out otherwise',
  mend: `copy policies/${SCHEMA_FILE} of Lockstep here, and adapt the policies`,
});

const twice = (file: string, id: string, other: string): Problem => ({
  path: file,
  found: `a policy with the id ${id}, which ${other === file ? 'this file' : other} has as well`,
  allowed: 'an id that no other policy has: the audit tells by it which one decided',
  mend: 'rename one of them',
});

const nothing = (folder: string): Problem => ({
  path: folder,
  found: 'no policy',
  allowed: 'at least one file .cedar with a policy: without any, nobody may do anything',
  mend: 'begin with the policies that come with Lockstep',
});

const aTemplate = (file: string, template: string): Problem => ({
  path: file,
  found: `a template: ${beginning(template)}`,
  allowed: 'policies without slots: nothing fills in ?principal or ?resource here',
  mend: 'write a policy that names whom it means',
});

const withoutId = (file: string, policy: string, id: string | undefined): Problem => ({
  path: file,
  found:
    id === undefined ? `a policy without an id: ${beginning(policy)}` : `a policy with the id ${said(id)}`,
  allowed: `@id("…") in kebab-case, of at most ${LONGEST_ID} characters: the audit tells by it which one decided`,
  mend: 'give it an id',
});

function unreadable(
  file: string,
  text: string,
  error: {
    readonly message: string;
    readonly help: string | null;
    readonly sourceLocations?: readonly { readonly start: number }[];
  },
): Problem {
  const start = error.sourceLocations?.[0]?.start;
  const at = start === undefined ? '' : `:${lineOf(text, start)}`;
  return {
    path: `${file}${at}`,
    found: said(error.message),
    allowed: 'policies in the language Cedar',
    mend: error.help === null ? 'mend what stands there' : said(error.help),
  };
}

/** The line of an offset in bytes, as Cedar counts. */
const lineOf = (text: string, start: number): number =>
  Buffer.from(text, 'utf8').subarray(0, start).toString('utf8').split('\n').length;
