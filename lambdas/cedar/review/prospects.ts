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
import { partlyKnown, ttlWithin, type Known } from './partly-known.ts';
import { isPossible, simplest } from './possible.ts';

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

/** Answers what may come of questions, all of which have to be answered yes. */
export type Prospects = (...outlooks: readonly [Outlook, ...Outlook[]]) => Prospect;

/** An answer that is not put into words. */
interface Weighed {
  /** What has to hold; absent where nothing does. */
  readonly conditions?: readonly Expr[];
  readonly policies: readonly string[];
}

/** Opens the policies for questions with unknowns. The same question costs nothing again. Throws `POLICY_INVALID`. */
export function openProspects(bundle: PolicyBundle, inventory: Inventory): Prospects {
  const remainders = asTheBrokerAsks(openRemainders(bundle, inventory));
  const weighed = new Map<string, Weighed>();
  const answer = (outlook: Outlook): Weighed => {
    const key = JSON.stringify(outlook);
    const found = weighed.get(key) ?? weigh(remainders(outlook), outlook.known);
    weighed.set(key, found);
    return found;
  };
  return (...outlooks) => told(outlooks.map(answer).reduce(both));
}

/** What both need; one that never comes to anything is the answer. */
function both(one: Weighed, other: Weighed): Weighed {
  if (!one.conditions) return one;
  if (!other.conditions) return other;
  const policies = [...new Set([...one.policies, ...other.policies])].sort();
  const conditions = simplest([...one.conditions, ...other.conditions]);
  return conditions ? { conditions, policies } : { policies };
}

function told({ conditions, policies }: Weighed): Prospect {
  if (!conditions) return { outcome: 'never', needs: [], policies };
  const needs = conditions.flatMap(conditionTexts);
  return { outcome: needs.length === 0 ? 'always' : 'depends', needs: [...new Set(needs)], policies };
}

/** A policy that may apply to a question, and what is left of its condition; nothing is left of `true`. */
export interface Remainder {
  readonly id: string;
  readonly effect: 'permit' | 'forbid' | 'fails';
  readonly condition: Expr;
}

type Remainders = (outlook: Outlook) => readonly Remainder[];

/**
 * Opens the policies for the question which of them may apply, by Cedar's partial evaluation; sorted by their ids. Throws
 * `POLICY_INVALID`, also where a question cannot be evaluated.
 */
export function openRemainders(bundle: PolicyBundle, inventory: Inventory): Remainders {
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
function weigh(all: readonly Remainder[], known: Known = {}): Weighed {
  const permits = all.filter(({ effect }) => effect === 'permit');
  // An evaluation that fails is a denial, whatever the others say.
  const others = all.filter(({ effect }) => effect !== 'permit');
  const kept = others.map(({ condition }) => negation(condition));
  const able = permits.filter(({ condition }) => isPossible([condition, ...kept, ...ttlWithin(known)]));
  const conditions = simplest([anyOf(able.map(({ condition }) => condition)), ...kept]);
  if (!conditions) return { policies: stopping(permits, others, known) };
  const sure = able.filter(({ condition }) => isTrue(condition));
  return {
    conditions,
    policies: [...(sure.length > 0 ? sure : able), ...others].map(({ id }) => id).sort(),
  };
}

/**
 * Which of those that stop a permit do: each that leaves nothing of it by itself, where there are such; else all of them
 * together. None, where the permit itself can never hold.
 */
export function stopping(
  permits: readonly Remainder[],
  others: readonly Remainder[],
  known: Known = {},
): readonly string[] {
  // First whatever the time is: that says more than that nothing is leased for so long.
  for (const bounds of [[], ttlWithin(known)]) {
    const holding = permits.filter(({ condition }) => isPossible([condition, ...bounds]));
    if (holding.length === 0) return [];
    const alone = others.filter((other) =>
      holding.every(({ condition }) => !isPossible([condition, negation(other.condition), ...bounds])),
    );
    if (alone.length > 0) return alone.map(({ id }) => id);
  }
  return others.map(({ id }) => id);
}

/** Without the approval of whoever asks, which the broker takes out before it asks policy: it is never among them. */
export const asTheBrokerAsks =
  (remainders: Remainders): Remainders =>
  (outlook) => {
    const own = uidOf(outlook.part.principal);
    return remainders(outlook)
      .map((each) => ({ ...each, condition: plain(withoutOwnApproval(each.condition, own)) }))
      .filter(({ condition }) => !isFalse(condition));
  };

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
