import type { Problem } from '../../../contracts/inventory/problem.ts';
import { accessOf } from '../../../core/access/access-inventory.ts';
import { isLease, type Ask } from '../asks-of.ts';
import { isReached } from '../overview.ts';
import { pathOf } from './path-of.ts';
import type { Review, ReviewCheck } from './review.ts';

/**
 * Whoever has something of tier 0 has everything behind it: nobody gets that on their own word, but by breaking the glass.
 * A lease needs somebody who approves; a standing value has nobody who could, so nobody but a function of Lockstep reads it.
 */
export const checkFourEyes: ReviewCheck = (review) => {
  const ofTier0 = review.asks.filter((ask) => review.tierOf(ask) === 0);
  return [...alone(review, ofTier0), ...standing(review, ofTier0), ...nobodyApproves(review)];
};

function alone({ overview }: Review, asks: readonly Ask[]): readonly Problem[] {
  const bad = asks
    .filter(({ action, breakGlass }) => isLease(action) && breakGlass === false)
    .filter((ask) => isReached(overview, ask, { approvals: [] }));
  return byResource(bad).map(([name, askers]) => ({
    path: `leases.${name}`,
    found: `tier 0, and without anybody's approval it may be leased, or its lease renewed, by ${askers}`,
    allowed: 'for tier 0: at least one other person who agrees, unless the glass is broken',
    mend: 'forbid it below a number of approvals, as tier-0-needs-two-people of policies/approvals.cedar does',
  }));
}

function standing({ inventory, overview }: Review, asks: readonly Ask[]): readonly Problem[] {
  const bad = asks
    .filter(({ action, asker }) => action === 'read' && asker.caller !== undefined)
    .filter((ask) => isReached(overview, ask));
  return byResource(bad).map(([name, askers]) => ({
    path: pathOf(inventory, { type: 'Credential', id: name }),
    found: `tier 0, and its standing value may be read at any time by ${askers}`,
    allowed: 'for tier 0: leases that somebody approves',
    mend: 'lease it instead, or declare another tier',
  }));
}

/** What the asks are about, each with the names of whoever asks. */
function byResource(asks: readonly Ask[]): readonly (readonly [name: string, askers: string])[] {
  const askers = new Map<string, Set<string>>();
  for (const { asker, resource } of asks)
    askers.set(resource.id, (askers.get(resource.id) ?? new Set<string>()).add(asker.name));
  return [...askers].map(([name, names]) => [name, [...names].join(', ')]);
}

/** Approvals that nobody may give are a denial that looks like a question. */
function nobodyApproves({ inventory, asks, overview }: Review): readonly Problem[] {
  return accessOf(inventory)
    .leasables.filter(({ tier }) => tier === 0)
    .filter(
      ({ name }) =>
        !asks.some(
          (ask) =>
            ask.action === 'approve' &&
            ask.resource.id === name &&
            !ask.apart &&
            overview(ask).outcome !== 'never',
        ),
    )
    .map(({ name }) => ({
      path: `leases.${name}`,
      found: 'tier 0, and nobody may approve it',
      allowed: 'at least one role that may approve',
      mend: 'permit the action approve to a role, as policies/approvals.cedar does',
    }));
}
