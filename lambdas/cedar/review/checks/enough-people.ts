import { accessOf } from '../../../core/access/access-inventory.ts';
import { peopleOfRole } from '../../../core/access/people-of-role.ts';
import { approvalsOf, policyJsons } from '../../policy-heads.ts';
import type { Ask } from '../asks-of.ts';
import { selvesOf } from '../broker-answer.ts';
import { isReached } from '../overview.ts';
import type { Review } from './review.ts';

/**
 * Leases that need more people than may approve them, whoever asks not counted, as far as the inventory knows its people.
 * The broker refuses them: nobody could complete what they wait for. That may be meant, where only broken glass is to give
 * something, so it is remarked.
 */
export function tooFewPeople(review: Review): readonly string[] {
  const { inventory, asks, bundle } = review;
  const spoken = [...policyJsons(bundle).values()].flatMap((json) => approvalsOf(json) ?? []);
  const numbers = [...new Set([0, ...spoken])].sort((a, b) => a - b);
  const found = new Map<string, Set<string>>();
  for (const ask of asks) {
    if (ask.action !== 'lease' || ask.breakGlass !== false || !isReached(review.overview, ask)) continue;
    const needed = numbers.find((count) => isGiven(review, ask, count)) ?? 0;
    const people = needed === 0 ? undefined : approversOf(review, ask.resource.id);
    if (!people) continue;
    const selves = selvesOf(accessOf(inventory), ask.asker);
    const others = [...people].filter((person) => !selves.includes(person)).length;
    if (others >= needed) continue;
    const text = `leases.${ask.resource.id} in ${inventory.environment} needs ${needed} approval(s), and besides whoever asks ${others} may give one: never for`;
    found.set(text, (found.get(text) ?? new Set<string>()).add(ask.asker.name));
  }
  return [...found].map(([text, askers]) => `${text} ${[...askers].join(', ')}`);
}

const isGiven = ({ overview }: Review, ask: Ask, count: number): boolean =>
  overview(ask, { approvals: Array.from({ length: count }, (_, at) => `approval:${at + 1}`) }).outcome !==
  'never';

/** Everybody who may approve something; `undefined` where more may come than the inventory knows. */
function approversOf(
  { inventory, asks, overview }: Review,
  leasable: string,
): ReadonlySet<string> | undefined {
  const access = accessOf(inventory);
  const sets = asks
    .filter(({ action, resource }) => action === 'approve' && resource.id === leasable)
    .filter((ask) => overview(ask).outcome !== 'never')
    .map(({ asker: { parts } }) => parts.flatMap((part) => part.roles ?? []))
    .map((roles) => access.roles.filter(({ name }) => roles.includes(name)));
  if (sets.flat().some((role) => peopleOfRole(access, role) === undefined)) return undefined;
  return new Set(
    sets.flatMap((set) =>
      set
        .flatMap(({ principals }) => principals)
        .filter((person) => set.every(({ principals }) => principals.includes(person))),
    ),
  );
}
