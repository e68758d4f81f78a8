import { LockstepError } from '../../core/errors.ts';
import { endOf, type SlotMark, type SlotMemory } from './slot-memory.ts';

/** On whose behalf a slot is to change. */
export interface SlotClaim {
  readonly slot: string;
  /** The rotation's token. */
  readonly token: string;
  readonly fence: number;
}

/**
 * Whether a successor is to be installed. `done`: this very version is in the slot already, and drawing the
 * verifier again would only repeat the effect.
 *
 * Refused where a newer rotation has been there, and where this one has been ended: an install that comes
 * late, from a process that stood still, must not bring back what was revoked.
 */
export function decideInstall(
  memory: SlotMemory | undefined,
  { slot, token, fence }: SlotClaim,
): 'install' | 'done' {
  if (!memory) return 'install';
  const hasEnded = endOf(memory) !== undefined;
  if (memory.fence > fence || (hasEnded && memory.fence === fence)) throw fencedOff(slot, fence, memory);
  return memory.token === token && !hasEnded ? 'done' : 'install';
}

/**
 * Whether a version may be closed, opened or ended. Refused where a newer rotation has been at its slot, and
 * where the slot holds this rotation's own successor and another version is meant: whoever asks has mixed
 * the two up, and would stop the one that works.
 *
 * @param version the version that is meant
 */
export function assertMayChange(memory: SlotMemory | undefined, claim: SlotClaim, version: string): void {
  if (!memory) return;
  const { slot, token, fence } = claim;
  if (memory.fence > fence) throw fencedOff(slot, fence, memory);
  if (memory.token === token && version !== token && endOf(memory) === undefined) {
    throw new LockstepError(
      'FENCED_OFF',
      `role ${slot} holds version ${token}, not ${version}: it was left as it is; the ledger and the target disagree, see: lockstep status`,
    );
  }
}

/** What a slot remembers after a version was closed or ended: no lower fence changes it any more. */
export const markedMemory = (version: string, { fence }: SlotClaim, state: SlotMark): SlotMemory => ({
  token: version,
  fence,
  state,
});

/** What a slot remembers after its version was opened again. */
export const openedMemory = ({ token }: SlotMemory, { fence }: SlotClaim): SlotMemory => ({ token, fence });

const fencedOff = (slot: string, fence: number, memory: SlotMemory): LockstepError =>
  new LockstepError(
    'FENCED_OFF',
    `role ${slot} belongs to version ${memory.token} under fence ${memory.fence}${memory.state ? ` (${memory.state})` : ''}, ` +
      `and this change carries fence ${fence}: it came too late and was refused. If that fence is of another installation ` +
      `that is gone for good, run: COMMENT ON ROLE "${slot}" IS NULL;`,
  );
