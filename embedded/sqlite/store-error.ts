import { LockstepError, type ErrorCode } from '../../lambdas/core/errors.ts';

/** How one store names what can go wrong with its file. */
export interface StoreNaming {
  /** What the file is, in a sentence: `the ledger`. */
  readonly name: string;
  readonly path: string;
  /** The file is held by another process, or the disk does not answer: the same call may work later. */
  readonly unavailable: ErrorCode;
  /** The file's content is not what was written. */
  readonly damaged: ErrorCode;
  /** Whether everything can be had again without it. What others refer to cannot: it comes back as it was, or all begins anew. */
  readonly isExpendable?: boolean;
}

/**
 * Result codes of SQLite (https://www.sqlite.org/rescode.html) by what they mean to us. Extended codes
 * start with their primary code's name, so the longest prefix decides.
 */
const MEANING: readonly (readonly [prefix: string, meaning: Meaning])[] = [
  ['SQLITE_NOTADB', 'damaged'],
  ['SQLITE_CORRUPT', 'damaged'],
  ['SQLITE_FULL', 'full'],
  ['SQLITE_IOERR_SHMSIZE', 'full'],
  ['SQLITE_READONLY', 'forbidden'],
  ['SQLITE_PERM', 'forbidden'],
  ['SQLITE_AUTH', 'forbidden'],
  ['SQLITE_CANTOPEN', 'forbidden'],
  ['SQLITE_BUSY', 'unavailable'],
  ['SQLITE_LOCKED', 'unavailable'],
  ['SQLITE_PROTOCOL', 'unavailable'],
  ['SQLITE_IOERR', 'unavailable'],
];

type Meaning = 'damaged' | 'full' | 'forbidden' | 'unavailable';

/**
 * The error that a caller sees for a failure of the file under a store. A code that says something about
 * our own statement rather than about the file (a constraint, a syntax error) is a fault of ours and
 * passes unchanged, to be found.
 */
export function storeError(naming: StoreNaming, error: unknown): unknown {
  const code = codeOf(error);
  const meaning = MEANING.find(([prefix]) => code?.startsWith(prefix))?.[1];
  return meaning === undefined ? error : namedError(naming, meaning, code ?? '', error);
}

/** The same, where the meaning is known without an answer of SQLite's. */
export function namedError(
  naming: StoreNaming,
  meaning: Meaning,
  seen: string,
  cause?: unknown,
): LockstepError {
  const { name, path, isExpendable = false } = naming;
  const because = cause === undefined ? {} : { cause };
  switch (meaning) {
    case 'damaged':
      return new LockstepError(
        naming.damaged,
        `${name} in ${path} is damaged (${seen}); it was left as it is. ${isExpendable ? WITHOUT_IT : ANEW}`,
        because,
      );
    case 'full':
      return new LockstepError(
        'NO_ROOM',
        `no room to write ${name} in ${path} (${seen}); what was written before is kept. Free some space, then try again`,
        because,
      );
    case 'forbidden':
      return new LockstepError(
        'STORE_FORBIDDEN',
        `${name} in ${path} cannot be opened for writing (${seen}); give this user the right to read and write the file and its folder`,
        because,
      );
    case 'unavailable':
      return new LockstepError(
        naming.unavailable,
        `${name} in ${path} does not answer (${seen}); another process may hold it. Trying again may help`,
        because,
      );
  }
}

const WITHOUT_IT = 'Put a backup in its place, or move it away: what waited in it is asked for again';
const ANEW =
  'Put back the whole .lockstep folder from a backup; where there is none, begin anew: remove .lockstep and .lockstep-keys together';

const codeOf = (error: unknown): string | undefined =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
