import { parseJson } from '../../lambdas/contracts/check.ts';
import type { LockstepEvent } from '../../lambdas/core/events.ts';

/**
 * An event that a store of ours wrote. Its shape is trusted, since only typed callers write these tables:
 * a strict check here would let one odd event hold up all behind it for ever. `STORE_DAMAGED` where it is
 * not even JSON.
 */
export const storedEvent = (text: string, where: string): LockstepEvent =>
  parseJson(text, 'STORE_DAMAGED', `an event of ${where}`) as LockstepEvent;
