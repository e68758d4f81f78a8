import type { Circumstances } from './circumstances.ts';

/** One circumstance, and what it would have to be. */
export interface Change {
  readonly what: keyof Circumstances;
  readonly to: string | number | boolean;
}

/** Other values of circumstances that are worth trying. */
export type Alternatives = Readonly<
  Partial<Record<keyof Circumstances, readonly (string | number | boolean)[]>>
>;

/** No list of changes is longer: nobody would read it as an answer. */
const MOST_CHANGES = 3;

/**
 * The smallest sets of changes that turn an answer: no set is in here of which a part would do. Every combination is
 * tried, so what is not in here does not help; what policies compare with other values is not tried.
 */
export function smallestChanges(
  from: Circumstances,
  alternatives: Alternatives,
  turns: (circumstances: Circumstances) => boolean,
): readonly (readonly Change[])[] {
  const single = Object.entries(alternatives).flatMap(([what, values]) =>
    values
      .filter((to) => from[what as keyof Circumstances] !== to)
      .map((to): Change => ({ what: what as keyof Circumstances, to })),
  );
  const found: (readonly Change[])[] = [];
  for (let size = 1; size <= MOST_CHANGES; size += 1)
    for (const changes of combinations(single, size)) {
      if (found.some((less) => less.every((change) => changes.includes(change)))) continue;
      if (turns(changed(from, changes))) found.push(changes);
    }
  return nearest(from, found);
}

/** Of changes of the same circumstances, which differ in a number alone, those that go least far. */
function nearest(from: Circumstances, found: readonly (readonly Change[])[]): readonly (readonly Change[])[] {
  const kindOf = (changes: readonly Change[]): string =>
    JSON.stringify(changes.map(({ what, to }) => [what, typeof to === 'number' ? '' : to]));
  const farOf = (changes: readonly Change[]): number =>
    changes.reduce((sum, { what, to }) => sum + Math.abs(Number(to) - Number(from[what] ?? 0) || 0), 0);
  return found.filter((changes) =>
    found.every((other) => kindOf(other) !== kindOf(changes) || farOf(other) >= farOf(changes)),
  );
}

const changed = (from: Circumstances, changes: readonly Change[]): Circumstances => ({
  ...from,
  ...Object.fromEntries(changes.map(({ what, to }) => [what, to])),
});

/** Every choice of so many changes, at most one of each circumstance. */
function combinations(changes: readonly Change[], size: number): readonly (readonly Change[])[] {
  if (size === 0) return [[]];
  return changes.flatMap((change, at) =>
    combinations(
      changes.slice(at + 1).filter(({ what }) => what !== change.what),
      size - 1,
    ).map((others) => [change, ...others]),
  );
}
