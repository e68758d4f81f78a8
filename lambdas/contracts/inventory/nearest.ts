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

/** Insertions, deletions, replacements and swaps of neighbours; names longer than any of ours are far from all. */
function editDistance(a: string, b: string): number {
  if (Math.max(a.length, b.length) > 64) return Number.MAX_SAFE_INTEGER;
  let [before, row]: [readonly number[], readonly number[]] = [
    [],
    Array.from({ length: b.length + 1 }, (_, at) => at),
  ];
  for (let i = 0; i < a.length; i += 1) {
    const next = [i + 1];
    for (let j = 0; j < b.length; j += 1) {
      const isSwap = i > 0 && j > 0 && a[i] === b[j - 1] && a[i - 1] === b[j];
      next.push(
        Math.min(
          (row[j + 1] ?? 0) + 1,
          (next[j] ?? 0) + 1,
          (row[j] ?? 0) + (a[i] === b[j] ? 0 : 1),
          isSwap ? (before[j - 1] ?? 0) + 1 : Number.MAX_SAFE_INTEGER,
        ),
      );
    }
    [before, row] = [row, next];
  }
  return row[b.length] ?? 0;
}
