import type { PolicyJson } from '@cedar-policy/cedar-wasm/nodejs';
import type { Problem } from '../../../contracts/inventory/problem.ts';
import { POLICY_ACTIONS } from '../../../core/policy/policy-request.ts';
import { typeOf, type CedarUid } from '../../cedar-words.ts';
import type { PolicyBundle } from '../../policy-bundle.ts';
import { policyJsons } from '../../policy-heads.ts';
import { questions } from '../../question.ts';
import { plainUid } from '../../scope.ts';
import { agentsOf } from '../askers.ts';
import { appliesTo, resourcesOf } from '../asks-of.ts';
import { isTrue } from '../fold-residual.ts';
import { openRemainders, type Outlook, type Remainder } from '../prospects.ts';
import type { Review } from './review.ts';

/** What a review of all policies over all environments finds. */
export interface Reach {
  /** Permits that are overruled wherever they hold, or that name somebody or something and give nothing. */
  readonly problems: readonly Problem[];
  /** Rules that nothing in the inventory meets: made for what is to come, or by mistake. */
  readonly idle: readonly string[];
}

/** Where a policy was met: nowhere; only where something else forbids it whatever the rest is; or where it decides. */
interface Met {
  readonly overruledBy: Set<string>;
  readonly isForbid: boolean;
  decides: boolean;
  applies: boolean;
}

/**
 * Which policies can ever decide something, in any environment. Asked with every circumstance open, also the environment:
 * a guard against what this environment never is stays one.
 */
export function reachOf(bundle: PolicyBundle, reviews: readonly Review[]): Reach {
  const jsons = policyJsons(bundle);
  const met = new Map([...jsons].map(([id, { effect }]) => [id, nowhere(effect)]));
  for (const review of reviews) meet(review, met);
  const unmet = [...met].filter(([, found]) => !isMet(found));
  const isWrong = ([id, { isForbid, overruledBy }]: (typeof unmet)[number]): boolean =>
    !isForbid && (overruledBy.size > 0 || namesSomebody(jsons.get(id)));
  return {
    problems: unmet
      .filter(isWrong)
      .map(([id, found]) => givesNothing(`${bundle.policies[id]?.file ?? 'policies'}: ${id}`, found)),
    idle: unmet.filter((each) => !isWrong(each)).map(([id]) => id),
  };
}

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
});

function meet(review: Review, met: ReadonlyMap<string, Met>): void {
  const { bundle, inventory } = review;
  const remainders = openRemainders(bundle, inventory);
  const headsOf = questions(inventory, policyJsons(bundle));
  for (const { part, action, resource } of everyQuestion(review)) {
    const heads = headsOf({ ...part, action, resource })?.policies ?? [];
    // A question is only worth its price where it may tell something new.
    if (heads.every((id) => isMet(met.get(id)))) continue;
    for (const { id } of remainders({ part, action, resource, known: { anyEnvironment: true } })) {
      const found = met.get(id);
      if (found) found.applies = true;
    }
    weighPermits(remainders({ part, action, resource }), met);
  }
}

/** Of a forbid, that it applies is enough; that one decides a permit's question is told by the permit alone. */
const isMet = (met: Met | undefined): boolean => !met || met.decides || (met.isForbid && met.applies);

function weighPermits(remainders: readonly Remainder[], met: ReadonlyMap<string, Met>): void {
  const stops = remainders.filter(({ effect, condition }) => effect !== 'permit' && isTrue(condition));
  for (const { id } of remainders.filter(({ effect }) => effect === 'permit')) {
    const found = met.get(id);
    if (stops.length === 0 && found) found.decides = true;
    for (const stop of stops) found?.overruledBy.add(stop.id);
  }
}

/** Everybody and everything that the schema puts together, whatever for. An agent is also asked about alone. */
function everyQuestion({ bundle, inventory, askers }: Review): readonly Outlook[] {
  const fits = appliesTo(bundle.schema);
  const parts = [...askers, ...agentsOf(inventory)].flatMap((asker) => asker.parts);
  const distinct = [...new Map(parts.map((part) => [JSON.stringify(part), part])).values()];
  return POLICY_ACTIONS.flatMap((action) => {
    const { principals, resources } = fits(action);
    return distinct
      .filter(({ principal }) => principals.includes(principal.type))
      .flatMap((part) =>
        resourcesOf(inventory)
          .filter(({ type }) => resources.includes(type))
          .map((resource) => ({ part, action, resource })),
      );
  });
}

const givesNothing = (path: string, { overruledBy, applies }: Met): Problem => ({
  path,
  found:
    overruledBy.size > 0
      ? `a permit that is overruled wherever it holds, by ${[...overruledBy].sort().join(', ')}`
      : applies
        ? 'a permit that holds in no environment that is declared'
        : 'a permit that fits nobody and nothing of the inventory',
  allowed: 'permits that give somebody something',
  mend: 'mend it, or take it out: whoever reads it believes it',
});
