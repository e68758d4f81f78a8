import type { Expr } from '@cedar-policy/cedar-wasm/nodejs';
import { isAuthorizedPartial } from '../cedar-wasm.ts';
import type { Inventory } from '../../core/credential.ts';
import { LockstepError } from '../../core/errors.ts';
import type { EntityRef, PolicyAction } from '../../core/policy/policy-request.ts';
import { actionUid, uidOf, type CedarUid } from '../cedar-words.ts';
import type { PolicyBundle } from '../policy-bundle.ts';
import { policyJsons } from '../policy-heads.ts';
import { questions } from '../question.ts';
import type { Part } from './askers.ts';
import { anyOf, conditionOf, conditionTexts, negation, plain } from './conditions.ts';
import { fold, isFalse, isTrue, unknownName } from './fold-residual.ts';
import { mapParts, operatorOf } from './map-expression.ts';
import { partlyKnown, type Known } from './partly-known.ts';

/** What comes of a question of which only some circumstances are known. */
export interface Prospect {
  /** Whatever the rest is; or never; or where all of `needs` hold. */
  readonly outcome: 'always' | 'never' | 'depends';
  /** Conditions in Cedar, all of which have to hold. */
  readonly needs: readonly string[];
  /** The policies that decide, or may: sorted. */
  readonly policies: readonly string[];
}

const TRUE: Expr = { Value: true };

/** A question about one part of an asker. */
export interface Outlook {
  readonly part: Part;
  readonly action: PolicyAction;
  readonly resource: EntityRef;
  readonly known?: Known;
}

/** Answers what may come of questions. */
export type Prospects = (outlook: Outlook) => Prospect;

/** Nothing permits it. */
const NOTHING: Prospect = { outcome: 'never', needs: [], policies: [] };

/** Opens the policies for questions with unknowns. Throws `POLICY_INVALID`. */
export function openProspects(bundle: PolicyBundle, inventory: Inventory): Prospects {
  const remainders = openRemainders(bundle, inventory);
  return (outlook) => {
    const own = uidOf(outlook.part.principal);
    return weigh(
      remainders(outlook).map(({ condition, ...each }) => ({
        ...each,
        condition: plain(withoutOwnApproval(condition, own)),
      })),
    );
  };
}

/** A policy that may apply to a question, and what is left of its condition; nothing is left of `true`. */
export interface Remainder {
  readonly id: string;
  readonly effect: 'permit' | 'forbid' | 'fails';
  readonly condition: Expr;
}

/**
 * Opens the policies for the question which of them may apply, by Cedar's partial evaluation; sorted by their ids. Throws
 * `POLICY_INVALID`, also where a question cannot be evaluated.
 */
export function openRemainders(
  bundle: PolicyBundle,
  inventory: Inventory,
): (outlook: Outlook) => readonly Remainder[] {
  const jsons = policyJsons(bundle);
  const ask = questions(inventory, jsons);
  return ({ part, action, resource, known = {} }) => {
    const question = ask({ ...part, action, resource });
    if (!question || question.policies.length === 0) return [];
    const answer = isAuthorizedPartial({
      principal: question.principal,
      action: actionUid(action),
      resource: question.resource,
      context: partlyKnown(action, inventory.environment, { mfa: part.mfa, ...known, agent: part.agent }),
      entities: [...question.entities],
      policies: {
        staticPolicies: Object.fromEntries(
          question.policies.map((id) => [id, bundle.policies[id]?.text ?? '']),
        ),
      },
    });
    // Told as nothing that applies, it would read as: nobody may.
    if (answer.type === 'failure')
      throw new LockstepError(
        'POLICY_INVALID',
        `policy could not be evaluated for ${action} of ${resource.id} by ${part.principal.id}; lockstep policy check says what is ` +
          'wrong with the policies, or else something of the request is not what it should be, such as an address',
      );
    const { satisfied, errored, residuals, nontrivialResiduals } = answer.response;
    const effect = (id: string): Remainder['effect'] => jsons.get(id)?.effect ?? 'fails';
    const all: readonly Remainder[] = [
      ...errored.map((id) => ({ id, effect: 'fails' as const, condition: TRUE })),
      ...satisfied.map((id) => ({ id, effect: effect(id), condition: TRUE })),
      ...nontrivialResiduals.map((id) => ({
        id,
        effect: effect(id),
        condition: conditionOf(residuals[id]?.conditions ?? []),
      })),
    ];
    return all
      .filter(({ condition }) => !isFalse(condition))
      .sort((a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0));
  };
}

/** What remainders come to together. */
function weigh(all: readonly Remainder[]): Prospect {
  const remainders = all.filter(({ condition }) => !isFalse(condition));
  const permits = remainders.filter(({ effect }) => effect === 'permit');
  const others = remainders.filter(({ effect }) => effect !== 'permit');
  // An evaluation that fails is a denial, whatever the others say.
  const stops = others.filter(({ condition }) => isTrue(condition));
  if (permits.length === 0) return NOTHING;
  if (stops.length > 0) return { ...NOTHING, policies: stops.map(({ id }) => id) };
  const sure = permits.filter(({ condition }) => isTrue(condition));
  const needs = [
    ...conditionTexts(anyOf(permits.map(({ condition }) => condition))),
    ...others.flatMap(({ condition }) => conditionTexts(negation(condition))),
  ];
  return {
    outcome: needs.length === 0 ? 'always' : 'depends',
    needs: [...new Set(needs)],
    policies: [...(sure.length > 0 ? sure : permits), ...others].map(({ id }) => id).sort(),
  };
}

/** The broker takes whoever asks out of the approvals before it asks policy: that one is never among them. */
function withoutOwnApproval(condition: Expr, principal: CedarUid): Expr {
  const replace = (expr: Expr): Expr =>
    isOwnApproval(expr, principal) ? { Value: false } : mapParts(expr, replace);
  return fold(replace(condition));
}

function isOwnApproval(expr: Expr, principal: CedarUid): boolean {
  const [operator, given] = operatorOf(expr);
  if (operator !== 'contains') return false;
  const { left, right } = given as { readonly left: Expr; readonly right: Expr };
  return (
    unknownName(left) === 'approvals' &&
    'Value' in right &&
    JSON.stringify(right.Value) === JSON.stringify({ __entity: principal })
  );
}
