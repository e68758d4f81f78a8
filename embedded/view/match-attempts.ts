/** One attempt as somebody counted it. */
export interface CountedAttempt {
  readonly at: string;
  readonly port: number | undefined;
  /** The role, or the key's id. */
  readonly key: string;
  readonly outcome: 'served' | 'failed';
}

/** How two counts of the same attempts compare. */
export interface Match {
  readonly served: number;
  readonly failed: number;
  /** Counted by one side and not by the other. Zero of both, or the counts do not agree. */
  readonly onlyOurs: readonly CountedAttempt[];
  readonly onlyTheirs: readonly CountedAttempt[];
}

/** Ports are used again: two attempts from one port are the same only if they are this close in time. */
const SAME_MS = 5000;

/**
 * Matches attempts as dependents counted them with those that the target wrote down, one to one, by key, port and
 * time. An attempt that never reached the network has no port and can only be ours.
 */
export function matchAttempts(ours: readonly CountedAttempt[], theirs: readonly CountedAttempt[]): Match {
  const waiting = new Map<string, CountedAttempt[]>();
  for (const attempt of theirs) {
    const place = placeOf(attempt);
    waiting.set(place, [...(waiting.get(place) ?? []), attempt]);
  }
  const onlyOurs: CountedAttempt[] = [];
  for (const attempt of ours) {
    const candidates = waiting.get(placeOf(attempt)) ?? [];
    const found = candidates.findIndex((each) => isSame(each, attempt));
    if (found < 0) onlyOurs.push(attempt);
    else candidates.splice(found, 1);
  }
  return {
    served: ours.filter(({ outcome }) => outcome === 'served').length,
    failed: ours.filter(({ outcome }) => outcome === 'failed').length,
    onlyOurs,
    onlyTheirs: [...waiting.values()].flat(),
  };
}

const placeOf = ({ key, port }: CountedAttempt): string => `${key} ${port ?? 'none'}`;

const isSame = (a: CountedAttempt, b: CountedAttempt): boolean =>
  a.outcome === b.outcome && Math.abs(Date.parse(a.at) - Date.parse(b.at)) <= SAME_MS;
