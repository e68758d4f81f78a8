import { nearest } from '../lambdas/contracts/inventory/nearest.ts';
import { isLockstepError, LockstepError } from '../lambdas/core/errors.ts';
import type { StatusReport } from '../lambdas/report/show-status.ts';
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
    const { credentials = [], leaseAuthorities = [] } = await connection
      .query('status', {})
      .catch((): Partial<StatusReport> => ({}));
    if (leaseAuthorities.some(({ name }) => name === given)) throw isAuthority(given, error);
    const names = credentials.map(({ name }) => name);
    throw unknownCredential(given, names, error);
  }
}

/** The name exists, so it may be shown. */
const isAuthority = (name: string, cause: unknown): LockstepError =>
  new LockstepError(
    'UNKNOWN_CREDENTIAL',
    `${name} is a lease authority, and no credential that rotates: a new value is supplied (lockstep supply ${name}), and ` +
      `what was made by it is ended by lockstep revoke-leases authority ${name}`,
    { cause },
  );

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
