import { isPresentable } from './found.ts';

/** The candidate that a mistyped name most likely means, where one is near enough. */
export function nearest(name: string, candidates: Iterable<string>): string | undefined {
  const ranked = [...candidates]
    .filter(isPresentable)
    .map((candidate) => ({ candidate, distance: editDistance(name.toLowerCase(), candidate.toLowerCase()) }))
    .sort((a, b) => a.distance - b.distance);
  const [best] = ranked;
  return best && best.distance <= Math.max(1, Math.floor(best.candidate.length / 3))
    ? best.candidate
    : undefined;
}

/** Names to choose from, as a problem lists them; long lists are cut. */
export function listed(names: Iterable<string>): string {
  const all = [...names].filter(isPresentable);
  if (all.length === 0) return 'none is declared';
  return all.length > 12 ? `${all.slice(0, 12).join(', ')}, …` : all.join(', ');
}

/** `did you mean …?`, or what else to do. */
export function meant(name: string, candidates: Iterable<string>, otherwise: string): string {
  const near = nearest(name, candidates);
  return near === undefined ? otherwise : `did you mean ${near}? Otherwise ${otherwise}`;
}

/** Levenshtein's distance, one row at a time; names longer than any of ours are far from all. */
function editDistance(a: string, b: string): number {
  if (Math.max(a.length, b.length) > 64) return Number.MAX_SAFE_INTEGER;
  let row = Array.from({ length: b.length + 1 }, (_, at) => at);
  for (const [i, letter] of a.split('').entries()) {
    const next = [i + 1];
    for (const [j, other] of b.split('').entries()) {
      const [diagonal, above, left] = [row[j] ?? 0, row[j + 1] ?? 0, next[j] ?? 0];
      next.push(Math.min(above + 1, left + 1, diagonal + (letter === other ? 0 : 1)));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
