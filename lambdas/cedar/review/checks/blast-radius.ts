import { accessOf, type Tier } from '../../../core/access/access-inventory.ts';
import { uidKey, uidOf } from '../../cedar-words.ts';
import type { Asker } from '../askers.ts';
import { isReached } from '../overview.ts';
import type { Review, ReviewCheck } from './review.ts';

/** What reaching one thing of a tier counts. */
export const TIER_WEIGHTS: Readonly<Record<Tier, number>> = { 0: 25, 1: 5, 2: 1 };

/**
 * How much whoever takes over one principal gets at once: everything that it may read, or lease without anybody's
 * approval and without breaking the glass, weighted by tier. A leasable counts beside the credential that it stands for:
 * they are two accounts. Functions of Lockstep are not counted; what they read follows from what they do.
 */
export const checkBlastRadius: ReviewCheck = (review) => {
  const { perPrincipal } = accessOf(review.inventory).blastRadius;
  return review.askers
    .filter(({ caller }) => caller !== undefined)
    .map((asker) => ({ asker, radius: radiusOf(review, asker) }))
    .filter(({ radius }) => radius > perPrincipal)
    .map(({ asker, radius }) => ({
      path: 'blastRadius.perPrincipal',
      found: `${asker.name} reaches ${radius} by itself, of ${perPrincipal}`,
      allowed: `at most ${perPrincipal}, counted ${TIER_WEIGHTS[0]} for each of tier 0, ${TIER_WEIGHTS[1]} of tier 1, ${TIER_WEIGHTS[2]} of tier 2`,
      mend: 'permit it less, want approvals for some of it, or raise the budget',
    }));
};

/** What one asker reaches by itself. */
function radiusOf({ asks, overview, tierOf }: Review, asker: Asker): number {
  const reached = asks
    .filter((ask) => ask.asker === asker)
    .filter(({ action, breakGlass }) => action === 'read' || (action === 'lease' && breakGlass === false))
    .filter((ask) => overview(ask, { approvals: [] }).outcome !== 'never');
  // What people of several roles reach by each of them is counted there.
  if (!reached.some((ask) => isReached(overview, ask, { approvals: [] }))) return 0;
  const once = new Map(reached.map((ask) => [uidKey(uidOf(ask.resource)), tierOf(ask)]));
  return [...once.values()].reduce<number>(
    (sum, tier) => sum + (tier === undefined ? 0 : TIER_WEIGHTS[tier]),
    0,
  );
}
