/** One attempt, as one of two books has it. */
export interface BookedAttempt {
  /** When it began and when it had ended, ISO 8601. A book that knows one of them says it twice. */
  readonly began: string;
  readonly ended: string;
  /** By what both books know it: the client's port, the id of a notice. Absent where it never reached anybody. */
  readonly mark?: string;
  /** The role, or the key's id, where the book knows it. */
  readonly key?: string;
  /** What it was leased as, where whoever used it says so. */
  readonly leasable?: string;
  readonly outcome: 'served' | 'failed';
}

/** What two books have of the same attempts. */
export interface Matched {
  readonly pairs: readonly (readonly [ours: BookedAttempt, theirs: BookedAttempt])[];
  readonly onlyOurs: readonly BookedAttempt[];
  readonly onlyTheirs: readonly BookedAttempt[];
}

/** Both books are written with one machine's clock, rounded down. */
const ROUNDING_MS = 1000;
/** A client that has given up may be gone before the other side has even looked at it. */
const LATE_MS = 30_000;

/**
 * Matches the attempts of two books one to one, whatever their order: the same mark, the same outcome, no other key,
 * and begun with them while we tried. Ports are used again, but never by two at once: of several attempts from one
 * port the last one that had begun when ours ended is ours.
 */
export function matchAttempts(ours: readonly BookedAttempt[], theirs: readonly BookedAttempt[]): Matched {
  const waiting = new Map<string, BookedAttempt[]>();
  for (const attempt of [...theirs].sort(byTime('began'))) {
    if (attempt.mark === undefined) continue;
    const same = waiting.get(attempt.mark);
    if (same) same.push(attempt);
    else waiting.set(attempt.mark, [attempt]);
  }
  const pairs: (readonly [BookedAttempt, BookedAttempt])[] = [];
  const onlyOurs: BookedAttempt[] = [];
  for (const attempt of [...ours].sort(byTime('ended'))) {
    const candidates = attempt.mark === undefined ? [] : (waiting.get(attempt.mark) ?? []);
    const found = bestOf(attempt, candidates);
    if (!found) onlyOurs.push(attempt);
    else {
      candidates.splice(candidates.indexOf(found), 1);
      pairs.push([attempt, found]);
    }
  }
  const unmarked = theirs.filter(({ mark }) => mark === undefined);
  return { pairs, onlyOurs, onlyTheirs: [...unmarked, ...[...waiting.values()].flat()] };
}

/** Matches by the mark alone, where it names one thing for good: a notice that came twice was told once. */
export function matchByMark(ours: readonly BookedAttempt[], theirs: readonly BookedAttempt[]): Matched {
  const [mine, others] = [byMark(ours), byMark(theirs)];
  const pairs = [...mine].flatMap(([mark, each]) => {
    const other = others.get(mark);
    return other ? [[each, other] as const] : [];
  });
  return {
    pairs,
    onlyOurs: [...mine].filter(([mark]) => !others.has(mark)).map(([, each]) => each),
    onlyTheirs: [...others].filter(([mark]) => !mine.has(mark)).map(([, each]) => each),
  };
}

const byMark = (attempts: readonly BookedAttempt[]): ReadonlyMap<string, BookedAttempt> =>
  new Map(attempts.toReversed().map((each) => [each.mark ?? '', each]));

/** `candidates` in the order in which they began. */
function bestOf(ours: BookedAttempt, candidates: readonly BookedAttempt[]): BookedAttempt | undefined {
  const [from, to] = [Date.parse(ours.began) - ROUNDING_MS, Date.parse(ours.ended)];
  const fitting = candidates.filter(
    ({ began, outcome, key }) =>
      outcome === ours.outcome &&
      (key === undefined || ours.key === undefined || key === ours.key) &&
      Date.parse(began) >= from &&
      Date.parse(began) <= to + LATE_MS,
  );
  return fitting.findLast(({ began }) => Date.parse(began) <= to) ?? fitting[0];
}

const byTime =
  (field: 'began' | 'ended') =>
  (a: BookedAttempt, b: BookedAttempt): number =>
    Date.parse(a[field]) - Date.parse(b[field]);
