import { LockstepError, type ErrorCode } from '../../lambdas/core/errors.ts';

/** What was being done when it failed. */
export interface StartAttempt {
  readonly doing: string;
  /** The folder or file that a person has to look at. */
  readonly where: string;
  readonly port?: number;
}

interface Meaning {
  readonly code: ErrorCode;
  readonly sign: RegExp;
  tell(attempt: StartAttempt): string;
}

/**
 * What PostgreSQL says (src/backend/libpq/pqcomm.c, src/backend/utils/init/miscinit.c) by what it means to
 * us; the first that fits. The texts are C-locale English, because we start it so.
 */
const MEANINGS: readonly Meaning[] = [
  {
    code: 'NO_ROOM',
    sign: /No space left on device|Disk quota exceeded|Check free disk space/,
    tell: ({ doing, where }) => `${doing} found no room; make some on the disk of ${where}`,
  },
  {
    code: 'PORT_IN_USE',
    sign: /could not bind \S+ address "[^"]*": (Address already in use|Permission denied)|could not create any TCP\/IP sockets/,
    tell: ({ port }) =>
      `port ${port} on 127.0.0.1 is taken by another process; end it: values in the vault name this port`,
  },
  {
    code: 'FOLDER_IN_USE',
    sign: /lock file "[^"]*" already exists|pre-existing shared memory block/,
    tell: ({ where }) => `another PostgreSQL holds the folder of ${where}; end it, then start again`,
  },
  {
    code: 'FOLDER_MISMATCH',
    sign: /database files are incompatible with server/,
    tell: ({ where }) => `the data folder beside ${where} was made by another major version of PostgreSQL`,
  },
  {
    code: 'FOLDER_FORBIDDEN',
    sign: /Permission denied|has wrong ownership|has invalid permissions|Read-only file system/,
    tell: ({ doing, where }) => `${doing} was kept from a file by its mode or owner; ${where} names it`,
  },
];

/**
 * The error for what the server or `initdb` said before it gave up. Its own words stay in the log, which the
 * message names.
 */
export function startFailure(said: string, attempt: StartAttempt, cause?: unknown): LockstepError {
  const found = MEANINGS.find(({ sign }) => sign.test(said));
  const because = cause === undefined ? {} : { cause };
  if (found) return new LockstepError(found.code, found.tell(attempt), because);
  return new LockstepError(
    'SERVER_FAILED',
    `${attempt.doing} failed; what it said is in ${attempt.where}`,
    because,
  );
}
