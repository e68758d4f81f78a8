import { replace, type Ledger } from '../ports/ledger.ts';
import type { RotationEvent } from './events.ts';
import { recordTransition } from './record-transition.ts';
import { isOver, type Rotation } from './rotation.ts';

/**
 * Applies an event that ends a rotation, and frees the credential for the next one in the same commit. A
 * rotation that was already over changes nothing, also not the credential: the next one may have begun.
 */
export async function endRotation(
  ledger: Ledger,
  { credential, token }: Rotation,
  event: RotationEvent,
): Promise<Rotation> {
  return recordTransition(ledger, credential, token, event, async (after) => {
    const state = await ledger.read('credential', credential, 'state');
    if (!isOver(after) || state?.body.active !== token) return {};
    const { active: _ended, ...free } = state.body;
    return { writes: [replace(state, free)] };
  });
}
