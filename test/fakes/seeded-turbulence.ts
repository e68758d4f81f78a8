import type { Turbulence } from '../../embedded/bus/bus-options.ts';
import type { Temper } from '../../embedded/step-driver/driven.ts';
import { seededRandom } from './counted-ids.ts';

/** How rough it gets. */
export interface Roughness {
  /** The share of deliveries that come twice, 0 to 1. */
  readonly repeated: number;
  /** The longest a delivery is held back at first, in seconds. */
  readonly delaySeconds: number;
  /** Whether what is due comes in any order. */
  readonly isShuffled: boolean;
}

/** A bus that repeats, delays and reorders, the same way for the same seed. */
export function seededTurbulence(seed: number, roughness: Roughness): Turbulence {
  const random = seededRandom(seed);
  return {
    copies: () => (random() < roughness.repeated ? 2 : 1),
    delaySeconds: () => Math.floor(random() * (roughness.delaySeconds + 1)),
    order: (due) => (roughness.isShuffled ? shuffled(due, random) : due),
  };
}

/** A Secrets Manager that invokes steps twice at once, and replays whole rotations, the same way for the same seed. */
export function seededTemper(
  seed: number,
  shares: { readonly doubled: number; readonly replayed: number; readonly mostReplays: number },
): Temper {
  const random = seededRandom(seed);
  const replays = new Map<string, number>();
  return {
    copies: () => (random() < shares.doubled ? 2 : 1),
    replayAfter: (_step, token) => {
      const made = replays.get(token) ?? 0;
      if (made >= shares.mostReplays || random() >= shares.replayed) return false;
      replays.set(token, made + 1);
      return true;
    },
    copiesValueForTest: () => random() < 0.5,
  };
}

/** Fisher and Yates. */
export function shuffled<T>(items: readonly T[], random: () => number): readonly T[] {
  const result = [...items];
  for (let at = result.length - 1; at > 0; at -= 1) {
    const other = Math.floor(random() * (at + 1));
    const [a, b] = [result[at], result[other]];
    if (a === undefined || b === undefined) continue;
    [result[at], result[other]] = [b, a];
  }
  return result;
}
