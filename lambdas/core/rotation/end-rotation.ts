import { replace, type Ledger } from '../ports/ledger.ts';
import type { LockstepEvent } from '../events.ts';
import type { RotationEvent } from './events.ts';
import { assertUnturned, recordTransition } from './record-transition.ts';
import { isOver, type Rotation } from './rotation.ts';

/**
 * Applies an event that ends a rotation, and frees the credential for the next one in the same commit. A
 * rotation that was already over changes nothing, also not the credential: the next one may have begun.
 *
 * @param rotation as it stood when that was decided; where it has turned since, `LEDGER_CONFLICT`. A breach
 *   alone asks for no more than its name: it ends whatever it finds.
 */
export async function endRotation(
  ledger: Ledger,
  rotation: Rotation,
  event: RotationEvent,
  events: readonly LockstepEvent[] = [],
): Promise<Rotation> {
  const { credential, token } = rotation;
  return recordTransition(ledger, credential, token, event, async (after, before) => {
    if (event.type !== 'breached') assertUnturned(rotation, before);
    const state = await ledger.read('credential', credential, 'state');
    if (!isOver(after) || state?.body.active !== token) return { events };
    const { active: _ended, ...free } = state.body;
    return { writes: [replace(state, free)], events };
  });
}
