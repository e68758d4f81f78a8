import type { ErrorCode } from '../errors.ts';
import type { RotationEventType } from './events.ts';
import type { Phase } from './rotation.ts';

/**
 * What an event does to a rotation in a phase.
 *
 * - a phase: the rotation moves there;
 * - `note`: it stays, and what the event says is recorded;
 * - `repeat`: it stays as it is: a repeated, late or overtaken message changes nothing;
 * - an error code: the event is impossible here, and saying so is safer than guessing.
 */
export type Cell =
  Phase | 'note' | 'repeat' | Extract<ErrorCode, 'OUT_OF_ORDER' | 'ROTATION_ENDED' | 'PREDECESSOR_REVOKED'>;

/** `failed` has no row of its own for the four steps: they may be replayed from how far the rotation had come. */
export type TabledPhase = Exclude<Phase, 'failed'>;

type Row = Readonly<Record<RotationEventType, Cell>>;

const BEFORE_PROMOTION = {
  issued: 'repeat',
  installed: 'OUT_OF_ORDER',
  verified: 'OUT_OF_ORDER',
  promoted: 'OUT_OF_ORDER',
  'step-failed': 'failed',
  'fanned-out': 'OUT_OF_ORDER',
  'dependent-adopted': 'OUT_OF_ORDER',
  observed: 'OUT_OF_ORDER',
  'adoption-completed': 'OUT_OF_ORDER',
  'deadline-decided': 'OUT_OF_ORDER',
  'seen-in-use': 'OUT_OF_ORDER',
  disabled: 'OUT_OF_ORDER',
  revoked: 'OUT_OF_ORDER',
  abandoned: 'abandoned',
  // Nobody uses the successor yet: going back means giving it up.
  'roll-back-ordered': 'abandoned',
  restored: 'OUT_OF_ORDER',
  breached: 'abandoned',
} as const satisfies Row;

const AFTER_PROMOTION = {
  issued: 'repeat',
  installed: 'repeat',
  verified: 'repeat',
  promoted: 'repeat',
  // A step that was running twice may fail late; the other run has won.
  'step-failed': 'repeat',
  'fanned-out': 'repeat',
  'dependent-adopted': 'repeat',
  observed: 'note',
  'adoption-completed': 'repeat',
  'deadline-decided': 'repeat',
  'seen-in-use': 'repeat',
  disabled: 'OUT_OF_ORDER',
  revoked: 'OUT_OF_ORDER',
  abandoned: 'OUT_OF_ORDER',
  'roll-back-ordered': 'rolling-back',
  restored: 'OUT_OF_ORDER',
  breached: 'retired',
} as const satisfies Row;

const ENDED_WITHOUT_SUCCESS = {
  issued: 'ROTATION_ENDED',
  installed: 'ROTATION_ENDED',
  verified: 'ROTATION_ENDED',
  promoted: 'ROTATION_ENDED',
  'step-failed': 'repeat',
  'fanned-out': 'repeat',
  'dependent-adopted': 'repeat',
  observed: 'repeat',
  'adoption-completed': 'repeat',
  'deadline-decided': 'repeat',
  'seen-in-use': 'repeat',
  disabled: 'ROTATION_ENDED',
  revoked: 'repeat',
  abandoned: 'repeat',
  'roll-back-ordered': 'repeat',
  restored: 'ROTATION_ENDED',
  breached: 'repeat',
} as const satisfies Row;

/** State × event → what happens. ARCHITECTURE.md prints it; every cell is tested. */
export const STATE_TABLE: Readonly<Record<TabledPhase, Row>> = {
  requested: { ...BEFORE_PROMOTION, issued: 'issued' },
  issued: { ...BEFORE_PROMOTION, installed: 'installed' },
  installed: { ...BEFORE_PROMOTION, installed: 'repeat', verified: 'verified' },
  verified: { ...BEFORE_PROMOTION, installed: 'repeat', verified: 'repeat', promoted: 'promoted' },
  promoted: {
    ...AFTER_PROMOTION,
    'fanned-out': 'adopting',
    // A dependent that asks by itself may prove adoption before anybody was told.
    'dependent-adopted': 'note',
    'adoption-completed': 'OUT_OF_ORDER',
    'deadline-decided': 'OUT_OF_ORDER',
  },
  adopting: {
    ...AFTER_PROMOTION,
    'dependent-adopted': 'note',
    'adoption-completed': 'adopted',
    'deadline-decided': 'note',
    'seen-in-use': 'note',
  },
  adopted: { ...AFTER_PROMOTION, 'seen-in-use': 'adopting', disabled: 'disabled' },
  disabled: { ...AFTER_PROMOTION, 'seen-in-use': 'adopting', disabled: 'repeat', revoked: 'retired' },
  retired: {
    ...AFTER_PROMOTION,
    observed: 'repeat',
    disabled: 'repeat',
    revoked: 'repeat',
    'seen-in-use': 'PREDECESSOR_REVOKED',
    'roll-back-ordered': 'PREDECESSOR_REVOKED',
    restored: 'PREDECESSOR_REVOKED',
    breached: 'repeat',
  },
  abandoned: ENDED_WITHOUT_SUCCESS,
  'rolling-back': {
    ...ENDED_WITHOUT_SUCCESS,
    'fanned-out': 'note',
    'dependent-adopted': 'note',
    observed: 'note',
    'adoption-completed': 'note',
    'deadline-decided': 'note',
    revoked: 'rolled-back',
    // The target refuses the predecessor for good: the way back is what is given up, and the successor stays.
    abandoned: 'retired',
    restored: 'note',
    breached: 'rolled-back',
  },
  'rolled-back': ENDED_WITHOUT_SUCCESS,
};

/** The cell for an event. A failed rotation answers as the phase that it had reached. */
export function cellFor(
  rotation: { readonly phase: Phase; readonly reached: TabledPhase },
  event: RotationEventType,
): Cell {
  const cell = STATE_TABLE[rotation.phase === 'failed' ? rotation.reached : rotation.phase][event];
  // Failed and repeated: the step has been reached before, and its repeat is what ends the failure.
  return rotation.phase === 'failed' && cell === 'repeat' ? 'note' : cell;
}
