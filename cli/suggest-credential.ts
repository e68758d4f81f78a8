import { nearest } from '../lambdas/contracts/inventory/nearest.ts';
import { isLockstepError, LockstepError } from '../lambdas/core/errors.ts';
import type { Connection } from './connection/connection.ts';

/** Runs what names a credential; where there is none of that name, says which one was probably meant. */
export async function withSuggestion<T>(
  connection: Connection,
  given: string | undefined,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (given === undefined || !isLockstepError(error, 'UNKNOWN_CREDENTIAL')) throw error;
    throw unknownCredential(given, await credentialNames(connection).catch(() => []), error);
  }
}

/** The names of all credentials. */
export const credentialNames = async (connection: Connection): Promise<readonly string[]> =>
  (await connection.query('status', {})).credentials.map(({ name }) => name);

/** The error for a name that nothing has. It shows a name that exists, never the one that was given. */
export function unknownCredential(given: string, names: readonly string[], cause?: unknown): LockstepError {
  const near = nearest(given, names);
  return new LockstepError(
    'UNKNOWN_CREDENTIAL',
    `the inventory declares no credential of that name${near === undefined ? '' : `; did you mean ${near}?`}`,
    cause === undefined ? {} : { cause },
  );
}
