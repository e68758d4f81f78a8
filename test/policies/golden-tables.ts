import { readdirSync, readFileSync } from 'node:fs';
import { isAuthorized } from '../../lambdas/cedar/cedar-wasm.ts';
import type { CedarUid } from '../../lambdas/cedar/cedar-words.ts';
import type { CedarContext } from '../../lambdas/cedar/context.ts';
import type { CedarEntity } from '../../lambdas/cedar/entities.ts';
import type { PolicyBundle } from '../../lambdas/cedar/policy-bundle.ts';

/** One row, in the form that `cedar run-tests` reads. */
export interface GoldenCase {
  readonly name: string;
  readonly request: {
    readonly principal: string;
    readonly action: string;
    readonly resource: string;
    readonly context: CedarContext;
  };
  /** The file beside it. */
  readonly entities: string;
  readonly decision: 'allow' | 'deny';
  readonly reason: readonly string[];
  readonly num_errors: number;
}

const FOLDER = new URL('golden/', import.meta.url);
const read = (name: string): unknown => JSON.parse(readFileSync(new URL(name, FOLDER), 'utf8')) as unknown;

/** The entities that all tables speak of. */
export const goldenEntities = (): readonly CedarEntity[] => read('entities.json') as readonly CedarEntity[];

/** Every row of every table, with the table's name. */
export const goldenCases = (): readonly (GoldenCase & { readonly table: string })[] =>
  readdirSync(FOLDER)
    .filter((name) => name !== 'entities.json')
    .flatMap((name) =>
      (read(name) as readonly GoldenCase[]).map((each) => ({ ...each, table: name.replace('.json', '') })),
    );

/** An entity as policies write it. */
export function uidOfText(text: string): CedarUid {
  const [, type = '', id = ''] = /^(.*)::"(.*)"$/.exec(text) ?? [];
  return { type, id };
}

/** What Cedar itself says, of all policies and all entities at once. */
export function plainAnswer(
  { schema, policies }: PolicyBundle,
  entities: readonly CedarEntity[],
  request: {
    readonly principal: CedarUid;
    readonly action: CedarUid;
    readonly resource: CedarUid;
    readonly context: CedarContext;
  },
) {
  const answer = isAuthorized({
    ...request,
    schema,
    validateRequest: true,
    entities: [...entities],
    policies: {
      staticPolicies: Object.fromEntries(Object.entries(policies).map(([id, { text }]) => [id, text])),
    },
  });
  if (answer.type === 'failure') throw new Error(answer.errors.map(({ message }) => message).join('; '));
  const { decision, diagnostics } = answer.response;
  return {
    decision,
    reason: [...diagnostics.reason].sort(),
    errors: diagnostics.errors.map(({ policyId }) => policyId).sort(),
  };
}
