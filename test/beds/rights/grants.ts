import type { Decision } from '../../rights/evaluate.ts';
import { fits, fitsAction, fitsResource } from '../../rights/patterns.ts';
import { listOf, type Statement } from '../../rights/policy.ts';
import type { RoleRights } from '../../template/roles.ts';
import type { Asked } from './asked.ts';

/**
 * A part of what a statement of a role gives: one of its actions, one of its resources, or one of the values that a
 * condition lists under a key. The toolkit merges statements, so one that a call uses may hold much that none does;
 * that is why each part has to be used, and not only the statement.
 */
export interface Grant {
  readonly role: string;
  /** The statement's place in the role's policy. */
  readonly index: number;
  /** The condition key, for a value. */
  readonly of: 'action' | 'resource' | { readonly key: string };
  /** As it stands in the policy, wildcards included. */
  readonly part: string;
}

/** A question, and what came of it. */
export interface Answered {
  readonly asked: Asked;
  readonly decision: Decision;
}

/** What the policy of a role is called. */
export const policyNameOf = (role: string): string => `the role of ${role}`;

/** Everything that a role is given. A statement that denies gives nothing. */
export const grantsOf = ({ name: role, statements }: RoleRights): readonly Grant[] =>
  statements.flatMap((statement, index) =>
    statement.Effect === 'Deny'
      ? []
      : [
          ...listOf(statement.Action).map((part) => ({ role, index, of: 'action', part }) as const),
          ...listOf(statement.Resource).map((part) => ({ role, index, of: 'resource', part }) as const),
          ...listedValues(statement).map(([key, part]) => ({ role, index, of: { key }, part })),
        ],
  );

/** Values of which each lets something else pass. A single one has to hold for anything to be used at all. */
const listedValues = ({ Condition: conditions = {} }: Statement): readonly (readonly [string, string])[] =>
  Object.values(conditions)
    .flatMap((keys) => Object.entries(keys))
    .map(([key, wanted]) => [key, listOf(wanted)] as const)
    .filter(([, wanted]) => wanted.length > 1)
    .flatMap(([key, wanted]) => wanted.map((value) => [key, value] as const));

/** Whether a question was allowed by a statement, and by this part of it. */
export function isUsedBy(grant: Grant, { asked, decision }: Answered): boolean {
  const { role, index, of, part } = grant;
  // A denial rests on statements that deny, and those are no grants.
  if (!decision.by.some((found) => found.policy === policyNameOf(role) && found.index === index))
    return false;
  if (of === 'action') return fitsAction(part, asked.action);
  if (of === 'resource') return fitsResource(part, asked.resource);
  return listOf(asked.context[of.key] ?? []).some((value) => fits(part, value));
}

/** Grants as a person reads them, those of one statement together. */
export function tellUnused(grants: readonly Grant[]): readonly string[] {
  const byStatement = new Map<string, string[]>();
  for (const { role, index, part } of grants) {
    const statement = `${role}, statement ${index}`;
    byStatement.set(statement, [...(byStatement.get(statement) ?? []), part]);
  }
  return [...byStatement].map(([statement, parts]) => `${statement}: no call uses ${parts.join(', ')}`);
}
