import { LockstepError } from '../core/errors.ts';
import type { Secret } from '../core/secret.ts';
import type { OpenaiClient } from './client.ts';
import { settle, type Sleep } from './settle.ts';

/** A question that costs nothing and changes nothing, asked with the key that is tried. */
export interface Trial {
  readonly client: OpenaiClient;
  readonly sleep: Sleep;
  readonly apiUrl: string;
  readonly path: readonly string[];
  readonly query?: Readonly<Record<string, string>>;
  readonly key: Secret;
  readonly subject: string;
  /** How long the provider may take to know of a new key, or to forget an ended one. */
  readonly settlingSeconds: number;
}

/** What one question showed; `unclear`: nothing about the key. */
type Shown =
  { readonly is: 'accepted' } | { readonly is: 'refused' | 'unclear'; readonly error: LockstepError };

/** Asks once. */
export async function tryKey({ client, apiUrl, path, query, key, subject }: Trial): Promise<Shown> {
  try {
    const call = { apiUrl, method: 'GET' as const, path, bearer: key, subject };
    const answer = await client({ ...call, ...(query === undefined ? {} : { query }) });
    if (answer.found) return { is: 'accepted' };
    throw new LockstepError(
      'TARGET_REFUSED',
      `the API of ${subject} knows no ${path.join('/')}; is apiUrl right?`,
    );
  } catch (error) {
    if (!(error instanceof LockstepError)) throw error;
    return { is: error.code === 'TARGET_REFUSES_LOGIN' ? 'refused' : 'unclear', error };
  }
}

/**
 * Proves that a key works, waiting for as long as a new one may take. Refused to the end: `SUCCESSOR_REJECTED`.
 * An answer that says nothing about the key is thrown as what it is; it rejects nothing.
 */
export async function proveAccepted(trial: Trial, version: string): Promise<void> {
  const passes = (shown: Shown): boolean =>
    shown.is === 'accepted' || (shown.is === 'unclear' && shown.error.remedy !== 'retry');
  const shown = await settle(trial.sleep, trial.settlingSeconds, () => tryKey(trial), passes);
  if (shown.is === 'accepted') return;
  if (shown.is === 'unclear') throw shown.error;
  throw new LockstepError(
    'SUCCESSOR_REJECTED',
    `version ${version} of ${trial.subject} is not accepted by its API after ${trial.settlingSeconds} seconds; rotate again`,
    { cause: shown.error },
  );
}

/** Asks with a key that should have ended, waiting for as long as the provider may take to forget it. */
export async function seekRefusal(trial: Trial): Promise<'refused' | 'accepted' | 'unknown'> {
  const { is } = await settle(
    trial.sleep,
    trial.settlingSeconds,
    () => tryKey(trial),
    (shown) => shown.is === 'refused',
  );
  return is === 'unclear' ? 'unknown' : is;
}
