import type { Problem } from '../../contracts/inventory/problem.ts';
import type { Tier } from '../../core/access/access-inventory.ts';
import type { Inventory } from '../../core/credential.ts';
import { uidKey, uidOf } from '../cedar-words.ts';
import { entitiesOf } from '../entities.ts';
import type { PolicyBundle } from '../policy-bundle.ts';
import { askersOf } from './askers.ts';
import { appliesTo, asksOf } from './asks-of.ts';
import { checkBlastRadius } from './checks/blast-radius.ts';
import { checkEmergency } from './checks/emergency.ts';
import { tooFewPeople } from './checks/enough-people.ts';
import { checkFourEyes } from './checks/four-eyes.ts';
import type { Review, ReviewCheck } from './checks/review.ts';
import { checkSameRights } from './checks/same-rights.ts';
import { unknownNames } from './checks/unknown-names.ts';
import { reachOf } from './checks/unreachable.ts';
import { checkUnused } from './checks/unused.ts';
import { validationProblems } from './checks/validation.ts';
import { openOverview } from './overview.ts';
import { roleSetsOf } from './role-sets.ts';

/** What a check of policies found. */
export interface PolicyCheck {
  /** Everything that is wrong. Whoever deploys stops at any. */
  readonly problems: readonly Problem[];
  /** Rules that nothing in the inventory meets. They may be made for what is to come; a mistake looks the same. */
  readonly idle: readonly string[];
  /** What may be meant as it is, and is worth knowing. */
  readonly remarks: readonly string[];
}

const CHECKS: readonly ReviewCheck[] = [
  checkUnused,
  checkEmergency,
  checkFourEyes,
  checkSameRights,
  checkBlastRadius,
];

/**
 * Checks policies that could be read, over every environment that they are for. A policy that does not validate is told
 * alone: what would come of it is not worth knowing.
 *
 * @param only the environment to look at; the policies themselves are for all of them
 */
export function checkPolicies(
  bundle: PolicyBundle,
  inventories: readonly Inventory[],
  only?: string,
): PolicyCheck {
  const invalid = validationProblems(bundle);
  if (invalid.length > 0) return { problems: invalid, idle: [], remarks: [] };
  const unknown = unknownNames(bundle, inventories);
  const reviews = inventories.map((inventory) => reviewOf(bundle, inventory));
  const { problems, idle } = reachOf(bundle, reviews);
  const looked = reviews.filter(({ inventory }) => only === undefined || inventory.environment === only);
  const misnamed = new Set(unknown.map(({ path }) => path));
  return {
    problems: [
      ...unknown,
      // That it fits nobody follows from the name.
      ...problems.filter(({ path }) => !misnamed.has(path)),
      ...byEnvironment(looked),
    ],
    idle,
    remarks: looked.flatMap(tooFewPeople),
  };
}

/** The part of the check that decides nothing: whether policies are valid, and speak of what there is. It is quick. */
export function readThrough(bundle: PolicyBundle, inventories: readonly Inventory[]): readonly Problem[] {
  const invalid = validationProblems(bundle);
  return invalid.length > 0 ? invalid : unknownNames(bundle, inventories);
}

function reviewOf(bundle: PolicyBundle, inventory: Inventory): Review {
  const fits = appliesTo(bundle.schema);
  const askers = askersOf(inventory, roleSetsOf([bundle], inventory));
  const entities = entitiesOf(inventory);
  return {
    bundle,
    inventory,
    askers,
    overview: openOverview(bundle, inventory),
    tierOf: ({ resource }) => asTier(entities.get(uidKey(uidOf(resource)))?.attrs['tier']),
    asks: asksOf(inventory, fits, { askers }),
  };
}

const asTier = (value: unknown): Tier | undefined =>
  value === 0 || value === 1 || value === 2 ? value : undefined;

/** What the checks find in each environment; the same in several is told once. */
function byEnvironment(reviews: readonly Review[]): readonly Problem[] {
  const found = new Map<string, { readonly problem: Problem; readonly environments: Set<string> }>();
  for (const review of reviews)
    for (const problem of CHECKS.flatMap((check) => check(review))) {
      const key = JSON.stringify(problem);
      const known = found.get(key) ?? { problem, environments: new Set<string>() };
      known.environments.add(review.inventory.environment);
      found.set(key, known);
    }
  return [...found.values()].map(({ problem, environments }) => ({
    ...problem,
    found: `${problem.found} (${[...environments].join(', ')})`,
  }));
}
