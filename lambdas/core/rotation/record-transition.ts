import { isLockstepError, LockstepError } from '../errors.ts';
import type { LockstepEvent } from '../events.ts';
import { replace, type Ledger, type LedgerRow, type LedgerWrite } from '../ports/ledger.ts';
import type { RotationEvent } from './events.ts';
import type { Rotation } from './rotation.ts';
import { transition } from './transition.ts';

/** What is committed together with a rotation's change. */
export interface Alongside {
  readonly writes?: readonly LedgerWrite[];
  readonly events?: readonly LockstepEvent[];
}

/** How often a conflicting write is decided again before the caller is told to come back. */
const ATTEMPTS = 8;

/**
 * Applies an event to a rotation in the ledger, together with what depends on it, in one commit.
 *
 * Reads again and decides again on a conflict. An event that changes nothing writes nothing (and `alongside`
 * is not asked), so a repeated message has no second effect. An impossible event throws its code.
 *
 * @param alongside is asked anew for each attempt, with the rotation before and after
 */
export async function recordTransition(
  ledger: Ledger,
  credential: string,
  token: string,
  event: RotationEvent,
  alongside: (after: Rotation, before: Rotation) => Alongside | Promise<Alongside> = () => ({}),
): Promise<Rotation> {
  for (let attempt = 1; ; attempt += 1) {
    const row = await readRotation(ledger, credential, token);
    const outcome = transition(row.body, event);
    if (outcome.kind === 'unchanged') return row.body;
    if (outcome.kind === 'refused') throw impossible(row.body, event, outcome.code);

    const { writes = [], events = [] } = await alongside(outcome.rotation, row.body);
    try {
      await ledger.commit([replace(row, outcome.rotation), ...writes], events);
      return outcome.rotation;
    } catch (error) {
      if (!isLockstepError(error, 'LEDGER_CONFLICT') || attempt >= ATTEMPTS) throw error;
    }
  }
}

/**
 * Throws `LEDGER_CONFLICT` where a rotation has turned since `decided` was read: another phase, another
 * expectation, the other way. Ask it in `alongside`, for a decision that is true of one way only: that a
 * dependent has moved, that nobody is missing, that everybody was told. Whoever is told so decides anew.
 */
export function assertUnturned(decided: Rotation, found: Rotation): void {
  const isSame =
    decided.phase === found.phase &&
    decided.expectation === found.expectation &&
    decided.rollback?.restoredAt === found.rollback?.restoredAt;
  if (isSame) return;
  const { token, credential, phase } = found;
  throw new LockstepError(
    'LEDGER_CONFLICT',
    `rotation ${token} of ${credential} is ${phase} by now, and was ${decided.phase} when this was decided; decide again`,
  );
}

/** The rotation's row, or `UNKNOWN_VERSION`. */
export async function readRotation(
  ledger: Ledger,
  credential: string,
  token: string,
): Promise<LedgerRow<'rotation'>> {
  const row = await ledger.read('rotation', credential, token);
  if (row) return row;
  throw new LockstepError('UNKNOWN_VERSION', `the ledger knows no rotation ${token} of ${credential}`);
}

function impossible(
  { credential, token, phase }: Rotation,
  event: RotationEvent,
  code: 'OUT_OF_ORDER' | 'ROTATION_ENDED' | 'PREDECESSOR_REVOKED',
): LockstepError {
  const why = {
    OUT_OF_ORDER: 'that cannot happen in this phase',
    ROTATION_ENDED: 'it has ended without success, and its token has no effect any more',
    PREDECESSOR_REVOKED: 'its predecessor has been revoked, and cannot be brought back',
  } as const;
  return new LockstepError(
    code,
    `rotation ${token} of ${credential} is ${phase}; ${event.type}: ${why[code]}`,
  );
}
