import { LockstepError } from '../../core/errors.ts';
import type { Clock } from '../../core/time.ts';
import type { Fetch } from '../../outbound/api-call.ts';
import type { Sleep } from '../../openai/settle.ts';

/** What the rotators of this family need. */
export interface OpenaiPorts {
  readonly fetch: Fetch;
  readonly clock: Clock;
  readonly sleep: Sleep;
  /** For one request and its answer together; ten seconds where absent. */
  readonly timeoutMilliseconds?: number;
}

/** The provider knows no state between working and deleted. */
export const notSupported = (credential: string, what: 'disabled' | 'enabled'): LockstepError =>
  new LockstepError(
    'NOT_SUPPORTED',
    `a key of ${credential} cannot be ${what}: its provider can only delete one; nothing was changed`,
  );

/** A deletion that was accepted and does not show: asked for again, it does no harm. */
export const stillThere = (credential: string, key: string): LockstepError =>
  new LockstepError(
    'TARGET_BUSY',
    `the API of ${credential} accepted the deletion of ${key} and still lists it; it will be asked again`,
  );
