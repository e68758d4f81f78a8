import { matchAttempts, matchByMark, type BookedAttempt, type Matched } from './match-attempts.ts';

/** What everybody wrote down of the same time, each in their own book. */
export interface Books {
  /** Dependents: what they tried, and with what. */
  readonly logins: readonly BookedAttempt[];
  readonly calls: readonly BookedAttempt[];
  readonly notices: readonly BookedAttempt[];
  /** Statements on sessions: known to dependents alone. */
  readonly statements: readonly BookedAttempt[];
  readonly readsFailed: readonly BookedAttempt[];
  /** PostgreSQL's log: every connection of anybody. */
  readonly database: readonly BookedAttempt[];
  /** The double's log, without Lockstep's own calls. */
  readonly provider: readonly BookedAttempt[];
  /** What Lockstep has told by notice, and has had an answer to. */
  readonly told: readonly BookedAttempt[];
  /** Every notice that Lockstep has tried to tell, told or not. */
  readonly knownNotices: ReadonlySet<string>;
  /** Lockstep's own connections to PostgreSQL. */
  readonly own: readonly BookedAttempt[];
}

/** Whose a key is: the credential behind a role, a key id's service, a signing key. */
export interface Subjects {
  /** The credential of each role that dependents log in as. */
  readonly slots: ReadonlyMap<string, string>;
  /** The credential of the provider's keys. */
  readonly provider: string | undefined;
  /** Every credential that somebody depends on: one that nobody has used is in the account all the same. */
  readonly used: readonly string[];
  /** What programs here use by leases alone; the same of these. */
  readonly leased: readonly string[];
}

/** A time of which all books are closed. */
export interface Stretch {
  readonly since: string;
  readonly until: string;
}

/** One kind of attempt as its dependents counted it, beside the book of who served it. */
export interface Comparison {
  readonly served: number;
  readonly failed: number;
  /** What one book has and the other has not, in words. None, or the books do not agree. */
  readonly differences: readonly string[];
}

/** What became of one credential's uses. */
export interface Uses {
  readonly served: number;
  readonly failed: number;
  /** What the book of who served it says. */
  readonly target: { readonly served: number; readonly refused: number };
}

/** What became of the uses of something that is leased. */
export interface LeasedUses extends Uses {
  /** Keys that were used: each lease has its own. */
  readonly keys: number;
}

/** All books of a stretch, compared. */
export interface Account {
  /** By credential: those that somebody uses. */
  readonly uses: ReadonlyMap<string, Uses>;
  /** By what is leased: as far as programs here lease it. */
  readonly leased: ReadonlyMap<string, LeasedUses>;
  /** Everything that dependents tried, of every kind. */
  readonly served: number;
  readonly failed: number;
  readonly database: Comparison;
  readonly provider: Comparison;
  readonly notices: Comparison;
  /** Lockstep's own: a refused one is the proof that an old value has ended. */
  readonly probes: { readonly logins: number; readonly refused: number; readonly noticesRefused: number };
  /** Connections that neither a dependent nor Lockstep has made, in words. */
  readonly strangers: readonly string[];
  /** Notices that were refused and that Lockstep has never sent. */
  readonly forged: number;
  /** Reads of the vault's endpoint, which fail while the runtime is away; no attempt at a target. */
  readonly readsFailed: number;
}

/**
 * Compares the books of one stretch. Everything is matched before anything is left out, so that an attempt at either
 * end of the stretch is never held against a book that has it on the other side of the line. What counts is when
 * an attempt began.
 */
export function compareBooks(books: Books, subjects: Subjects, stretch: Stretch): Account {
  const isWithin = ({ began }: BookedAttempt): boolean => began >= stretch.since && began < stretch.until;
  const ourOwn = matchAttempts(books.own, books.database);
  const logins = matchAttempts(books.logins, ourOwn.onlyTheirs);
  const isSlot = ({ key }: BookedAttempt): boolean => key !== undefined && subjects.slots.has(key);
  const database = { ...logins, onlyTheirs: logins.onlyTheirs.filter(isSlot) };
  const provider = matchAttempts(books.calls, books.provider);
  const [probes, sent] = split(books.notices, isProbe);
  const [known, unknown] = split(sent, ({ mark }) => mark !== undefined && books.knownNotices.has(mark));
  const [unknownServed, forged] = split(unknown, ({ outcome }) => outcome === 'served');
  const notices = matchByMark([...known, ...unknownServed].filter(isServed), books.told);
  const refusedNotices = known.filter((each) => !isServed(each));

  const statements = books.statements.filter(isWithin);
  const compared = {
    database: comparison(database, 'the dependents', "PostgreSQL's log", isWithin),
    provider: comparison(provider, 'the dependents', "the double's log", isWithin),
    notices: withFailures(
      comparison(notices, 'the receivers', "Lockstep's ledger", isWithin),
      refusedNotices.filter(isWithin).length,
    ),
  };
  // Of our own we know when they had ended.
  const own = books.own.filter(({ ended }) => ended >= stretch.since && ended < stretch.until);
  const matched = { database, provider, notices, refusedNotices, statements };
  const uses = usesOf(subjects, isWithin, matched);
  return {
    uses: new Map([...uses].filter(([name]) => !subjects.leased.includes(name))),
    leased: new Map(
      subjects.leased.map((name) => [
        name,
        { ...(uses.get(name) ?? NO_USES), keys: keysOf(name, isWithin, matched) },
      ]),
    ),
    served: sum(Object.values(compared), ({ served }) => served) + statements.filter(isServed).length,
    failed:
      sum(Object.values(compared), ({ failed }) => failed) +
      statements.filter((each) => !isServed(each)).length,
    ...compared,
    probes: {
      logins: own.length,
      refused: own.filter((each) => !isServed(each)).length,
      noticesRefused: probes.filter(isWithin).filter((each) => !isServed(each)).length,
    },
    strangers: logins.onlyTheirs.filter((each) => !isSlot(each) && isWithin(each)).map(inWords),
    forged: forged.filter(isWithin).length,
    readsFailed: books.readsFailed.filter(isWithin).length,
  };
}

/** Lockstep's own: signed with the old key, to see that it is refused (`lambdas/rotators/random/probe.ts`). */
const isProbe = ({ mark }: BookedAttempt): boolean => mark?.startsWith('probe_') === true;
const isServed = ({ outcome }: BookedAttempt): boolean => outcome === 'served';

type IsWithin = (attempt: BookedAttempt) => boolean;

function comparison(matched: Matched, ourBook: string, theirBook: string, isWithin: IsWithin): Comparison {
  const ours = [...matched.pairs.map(([each]) => each), ...matched.onlyOurs].filter(isWithin);
  // One that never reached anybody can only be in our book; it counts as failed, and contradicts nobody.
  const onlyOurs = matched.onlyOurs.filter((each) => each.mark !== undefined && isWithin(each));
  return {
    served: ours.filter(isServed).length,
    failed: ours.filter((each) => !isServed(each)).length,
    differences: [
      ...onlyOurs.map((each) => `only ${ourBook} have ${inWords(each)}`),
      ...matched.onlyTheirs.filter(isWithin).map((each) => `only ${theirBook} has ${inWords(each)}`),
    ],
  };
}

const withFailures = (compared: Comparison, failed: number): Comparison => ({
  ...compared,
  failed: compared.failed + failed,
});

interface Compared {
  readonly database: Matched;
  readonly provider: Matched;
  readonly notices: Matched;
  readonly refusedNotices: readonly BookedAttempt[];
  readonly statements: readonly BookedAttempt[];
}

function usesOf(
  { slots, provider: providerCredential, used }: Subjects,
  isWithin: IsWithin,
  { database, provider, notices, refusedNotices, statements }: Compared,
): ReadonlyMap<string, Uses> {
  const uses = new Map<string, Uses>(used.map((name) => [name, NO_USES]));
  const add = (
    credential: string | undefined,
    ours: readonly BookedAttempt[],
    theirs: readonly BookedAttempt[],
  ) => {
    if (credential === undefined) return;
    const known = uses.get(credential) ?? NO_USES;
    const served = theirs.filter(isServed).length;
    uses.set(credential, {
      served: known.served + ours.filter(isServed).length,
      failed: known.failed + ours.filter((each) => !isServed(each)).length,
      target: {
        served: known.target.served + served,
        refused: known.target.refused + theirs.length - served,
      },
    });
  };
  const slotOf = ({ key = '', leasable }: BookedAttempt): string | undefined => leasable ?? slots.get(key);
  eachPair(database, isWithin, (ours, theirs, any) => add(slotOf(any), ours, theirs));
  eachPair(provider, isWithin, (ours, theirs, { leasable }) =>
    add(leasable ?? providerCredential, ours, theirs),
  );
  eachPair(notices, isWithin, (ours, theirs, { key }) => add(key, ours, theirs));
  for (const each of refusedNotices.filter(isWithin)) add(each.key, [each], [each]);
  for (const each of statements) add(slotOf(each), [each], []);
  return uses;
}

/** How many keys served what was leased: the other side knows a key that whoever used it has never seen. */
function keysOf(name: string, isWithin: IsWithin, { database, provider }: Compared): number {
  const keys = [...database.pairs, ...provider.pairs]
    .filter(([ours]) => ours.leasable === name && isWithin(ours))
    .flatMap(([, theirs]) => (theirs.key === undefined ? [] : [theirs.key]));
  return new Set(keys).size;
}

const NO_USES: Uses = { served: 0, failed: 0, target: { served: 0, refused: 0 } };

type Visit = (ours: readonly BookedAttempt[], theirs: readonly BookedAttempt[], any: BookedAttempt) => void;

function eachPair({ pairs, onlyOurs, onlyTheirs }: Matched, isWithin: IsWithin, visit: Visit): void {
  for (const [ours, theirs] of pairs) if (isWithin(ours)) visit([ours], [theirs], ours);
  for (const each of onlyOurs.filter(isWithin)) visit([each], [], each);
  for (const each of onlyTheirs.filter(isWithin)) visit([], [each], each);
}

const inWords = ({ began, key, mark, outcome }: BookedAttempt): string =>
  `${began.slice(11, 23)} ${key ?? 'nobody known'} from ${mark ?? 'nowhere'} (${outcome})`;

function split<T>(all: readonly T[], isFirst: (each: T) => boolean): readonly [readonly T[], readonly T[]] {
  return [all.filter(isFirst), all.filter((each) => !isFirst(each))];
}

const sum = <T>(all: readonly T[], of: (each: T) => number): number =>
  all.reduce((total, each) => total + of(each), 0);
