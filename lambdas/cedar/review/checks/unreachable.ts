import type { PolicyJson } from '@cedar-policy/cedar-wasm/nodejs';
import type { Problem } from '../../../contracts/inventory/problem.ts';
import { POLICY_ACTIONS } from '../../../core/policy/policy-request.ts';
import { typeOf, type CedarUid } from '../../cedar-words.ts';
import type { PolicyBundle } from '../../policy-bundle.ts';
import { policyJsons } from '../../policy-heads.ts';
import { questions } from '../../question.ts';
import { plainUid } from '../../scope.ts';
import { agentsOf } from '../askers.ts';
import { appliesTo, isAsked, isLease, knownOf, resourcesOf, statedPurposes } from '../asks-of.ts';
import { conditionOf, negation } from '../conditions.ts';
import { unknowns } from '../fold-residual.ts';
import { ttlWithin, type Known } from '../partly-known.ts';
import { isPossible } from '../possible.ts';
import { asTheBrokerAsks, openRemainders, stopping, type Outlook, type Remainder } from '../prospects.ts';
import type { Review } from './review.ts';

/** What a review of all policies over all environments finds. */
export interface Reach {
  /** Permits that are overruled wherever they hold, or that name somebody or something and give nothing. */
  readonly problems: readonly Problem[];
  /** Rules that nothing in the inventory meets: made for what is to come, or by mistake. */
  readonly idle: readonly string[];
}

/**
 * Where a policy was met: nowhere; only where something else forbids it whatever the rest is; only for whoever may state
 * no purpose; or where it decides.
 */
interface Met {
  readonly overruledBy: Set<string>;
  readonly isForbid: boolean;
  decides: boolean;
  applies: boolean;
  /** It is for somebody who may state no purpose that it could be used for. */
  lacksPurpose: boolean;
  /** It is for somebody who may state one. */
  isUsable: boolean;
}

/**
 * Which policies can ever decide something, in any environment. Asked with every circumstance open, also the environment:
 * a guard against what this environment never is stays one. A permit is asked about by the purposes that its holder may
 * state.
 */
export function reachOf(bundle: PolicyBundle, reviews: readonly Review[]): Reach {
  const jsons = policyJsons(bundle);
  const met = new Map([...jsons].map(([id, { effect }]) => [id, nowhere(effect)]));
  for (const review of reviews) meet(review, met);
  const unmet = [...met].filter(([, found]) => !isMet(found));
  const isWrong = ([id, { isForbid, overruledBy }]: (typeof unmet)[number]): boolean =>
    contradictsItself(jsons.get(id)) || (!isForbid && (overruledBy.size > 0 || namesSomebody(jsons.get(id))));
  return {
    problems: unmet.filter(isWrong).map(([id, found]) => {
      const path = `${bundle.policies[id]?.file ?? 'policies'}: ${id}`;
      return contradictsItself(jsons.get(id)) ? neverHolds(path) : givesNothing(path, found);
    }),
    idle: unmet.filter((each) => !isWrong(each)).map(([id]) => id),
  };
}

/** Whether no circumstances meet all conditions of a policy, whoever asks for what. */
const contradictsItself = (json: PolicyJson | undefined): boolean =>
  json !== undefined && !isPossible([unknowns(conditionOf(json.conditions))]);

/** Whether a policy is for somebody or something by name, and not for all that are like it. */
function namesSomebody(json: PolicyJson | undefined): boolean {
  const { principal, resource } = json ?? {};
  return [principal, resource].some(
    (head) => head?.op === '==' || (head?.op === 'in' && 'entity' in head && !isClass(plainUid(head.entity))),
  );
}

const isClass = (uid: CedarUid): boolean => typeOf(uid) === 'Class';

const nowhere = (effect: string): Met => ({
  overruledBy: new Set(),
  isForbid: effect === 'forbid',
  decides: false,
  applies: false,
  lacksPurpose: false,
  isUsable: false,
});

function meet(review: Review, met: ReadonlyMap<string, Met>): void {
  const { bundle, inventory } = review;
  const open = openRemainders(bundle, inventory);
  const remainders = asTheBrokerAsks(open);
  const headsOf = questions(inventory, policyJsons(bundle));
  for (const { outlook, purposes } of everyQuestion(review)) {
    const heads = headsOf({ ...outlook, ...outlook.part })?.policies ?? [];
    // A question is only worth its price where it may tell something new.
    if (heads.every((id) => isMet(met.get(id)))) continue;
    for (const each of open({ ...outlook, known: { anyEnvironment: true } })) {
      const found = met.get(each.id);
      if (found) found.applies ||= isPossible([each.condition]);
    }
    if (purposes?.length === 0) lackPurpose(remainders(outlook), met);
    for (const purpose of purposes ?? [undefined]) {
      const known = { ...outlook.known, ...(purpose === undefined ? {} : { purpose }) };
      weighPermits(remainders({ ...outlook, known }), known, met);
    }
  }
}

/** Of a forbid, that it applies is enough; that one decides a permit's question is told by the permit alone. */
const isMet = (met: Met | undefined): boolean => !met || met.decides || (met.isForbid && met.applies);

function weighPermits(remainders: readonly Remainder[], known: Known, met: ReadonlyMap<string, Met>): void {
  const others = remainders.filter(({ effect }) => effect !== 'permit');
  const kept = others.map(({ condition }) => negation(condition));
  for (const permit of remainders.filter(({ effect }) => effect === 'permit')) {
    const found = met.get(permit.id);
    if (!found) continue;
    found.isUsable = true;
    found.decides ||= isPossible([permit.condition, ...kept, ...ttlWithin(known)]);
    for (const id of found.decides ? [] : stopping([permit], others, known)) found.overruledBy.add(id);
  }
}

function lackPurpose(remainders: readonly Remainder[], met: ReadonlyMap<string, Met>): void {
  for (const { id } of remainders) {
    const found = met.get(id);
    if (found) found.lacksPurpose = true;
  }
}

/** A question of one who asks, with the purposes that may be stated; absent for what has none. */
interface OfWhom {
  readonly outlook: Outlook;
  readonly purposes?: readonly string[];
}

/**
 * Everybody and everything that can be asked of them. An agent is also asked about alone, but for leases: of those it gets
 * none without whom it acts for.
 */
function everyQuestion({ bundle, inventory, askers }: Review): readonly OfWhom[] {
  const fits = appliesTo(bundle.schema);
  const alone = agentsOf(inventory);
  const asked = POLICY_ACTIONS.flatMap((action) => {
    const { principals, resources } = fits(action);
    return [...askers, ...(isLease(action) ? [] : alone)].flatMap((asker) =>
      asker.parts
        .filter(({ principal }) => principals.includes(principal.type))
        .flatMap((part) =>
          resourcesOf(inventory)
            .filter((resource) => resources.includes(resource.type) && isAsked(inventory, action, resource))
            .map((resource): OfWhom => {
              const outlook = { part, action, resource, known: knownOf(inventory, action, resource) };
              const purposes = isLease(action) ? statedPurposes(inventory, asker, resource) : undefined;
              return { outlook, ...(purposes ? { purposes } : {}) };
            }),
        ),
    );
  });
  return [...new Map(asked.map((each) => [JSON.stringify(each), each])).values()];
}

/** A permit, or a forbid, that no request can meet. */
const neverHolds = (path: string): Problem => ({
  path,
  found: 'conditions that contradict each other: no request meets all of them',
  allowed: 'conditions that can hold together',
  mend: 'compare with other values, or take it out: whoever reads it believes it',
});

const givesNothing = (path: string, { overruledBy, isUsable, applies, lacksPurpose }: Met): Problem => ({
  path,
  found:
    overruledBy.size > 0
      ? `a permit that is overruled wherever it holds, by ${[...overruledBy].sort().join(', ')}`
      : isUsable
        ? 'a permit that no request meets, as the inventory has it'
        : lacksPurpose
          ? 'a permit for whoever may state no purpose that it could be used for'
          : applies
            ? 'a permit that holds in no environment that is declared'
            : 'a permit that fits nobody and nothing of the inventory',
  allowed: 'permits that give somebody something',
  mend: 'mend it, or take it out: whoever reads it believes it',
});
