import { earliest } from '../time.ts';
import type { RotationEvent } from './events.ts';
import {
  STEPS,
  type Phase,
  type ReachedPhase,
  type Rollback,
  type Rotation,
  type StepName,
} from './rotation.ts';
import { cellFor, type Cell } from './state-table.ts';

/** What became of an event. `unchanged` needs no write; `refused` is a fact to report, not a fault. */
export type Transition =
  | { readonly kind: 'changed'; readonly rotation: Rotation }
  | { readonly kind: 'unchanged' }
  | { readonly kind: 'refused'; readonly code: 'OUT_OF_ORDER' | 'ROTATION_ENDED' | 'PREDECESSOR_REVOKED' };

/** Applies one event. Pure and total: the same rotation and event give the same answer, in any process, at any time. */
export function transition(rotation: Rotation, event: RotationEvent): Transition {
  const cell = isOvertaken(rotation, event) ? 'repeat' : cellFor(rotation, event.type);
  switch (cell) {
    case 'OUT_OF_ORDER':
    case 'ROTATION_ENDED':
    case 'PREDECESSOR_REVOKED':
      return { kind: 'refused', code: cell };
    case 'repeat':
      return { kind: 'unchanged' };
    default: {
      const changed = record({ ...rotation, phase: phaseAfter(rotation, cell) }, event);
      return { kind: 'changed', rotation: changed };
    }
  }
}

/** A way back that has been gone is not given up any more. */
const isOvertaken = ({ rollback }: Rotation, { type }: RotationEvent): boolean =>
  type === 'abandoned' && rollback?.restoredAt !== undefined;

function phaseAfter(rotation: Rotation, cell: Exclude<Cell, 'repeat' | `${string}_${string}`>): Phase {
  if (cell !== 'note') return cell;
  // Noting a step that had been reached before the failure ends the failure.
  return rotation.phase === 'failed' ? rotation.reached : rotation.phase;
}

const REACHED: readonly Phase[] = [
  'requested',
  'issued',
  'installed',
  'verified',
] satisfies readonly ReachedPhase[];
const isReached = (phase: Phase): phase is ReachedPhase => REACHED.includes(phase);

/** Writes down what the event says. `rotation.phase` is already the new one. */
function record(rotation: Rotation, event: RotationEvent): Rotation {
  switch (event.type) {
    case 'issued':
      return stepDone(rotation, 'createSecret', {
        successor: event.successor,
        predecessor: event.predecessor,
      });
    case 'installed':
      return stepDone(rotation, 'setSecret', {});
    case 'verified': {
      const { dependents, retire, observable, expectation } = event;
      const facts = { dependents, retire, observable, expectation, verifiedAt: event.at };
      return stepDone(rotation, 'testSecret', facts);
    }
    case 'promoted':
      return { ...withoutFailure(rotation), promotedAt: event.at, adoptingSince: event.at };
    case 'step-failed':
      return failed(rotation, event);
    case 'fanned-out':
      return rotation.rollback ? withRollback(rotation, { toldAt: event.at }) : rotation;
    case 'dependent-adopted':
      return adopted(rotation, event);
    case 'observed':
      return observed(rotation, event);
    case 'adoption-completed':
      return rotation.rollback
        ? withRollback(rotation, { returnedAt: event.at })
        : { ...rotation, adoptedAt: event.at };
    case 'deadline-decided':
      return { ...rotation, deadlineDecidedAt: event.at };
    case 'seen-in-use':
      return seenInUse(rotation, event);
    case 'disabled':
      return { ...rotation, disabledAt: event.at };
    case 'revoked':
      return {
        ...rotation,
        endedAt: event.at,
        ...(event.refused === 'refused' ? { provenRefusedAt: event.at } : {}),
      };
    case 'abandoned':
      return { ...rotation, endedAt: event.at, endedBecause: event.because };
    case 'roll-back-ordered':
      return rollBackOrdered(rotation, event);
    case 'restored':
      return withRollback({ ...rotation, expectation: event.expectation }, { restoredAt: event.at });
    case 'breached':
      return { ...rotation, endedAt: event.at, endedBecause: 'breach' };
  }
}

type Of<T extends RotationEvent['type']> = Extract<RotationEvent, { readonly type: T }>;

function withoutFailure({ failure: _ended, ...rotation }: Rotation): Rotation {
  return rotation;
}

function stepDone(rotation: Rotation, step: StepName, facts: Partial<Rotation>): Rotation {
  const reached = isReached(rotation.phase) ? rotation.phase : rotation.reached;
  // A replay begins with createSecret: what works before the step that fails says nothing of that step, and must not
  // have its failures counted from one each time.
  const isMended = rotation.failure !== undefined && isAtOrBehind(step, rotation.failure.step);
  // What was recorded first stays: a replay may not change who is expected or which slot was meant.
  return { ...(isMended ? withoutFailure(rotation) : rotation), reached, ...facts, ...frozen(rotation) };
}

const isAtOrBehind = (step: StepName, other: StepName): boolean =>
  STEPS.indexOf(step) >= STEPS.indexOf(other);

/** The facts of a step that a repeat of it must not overwrite. */
function frozen({
  successor,
  predecessor,
  expectation,
  dependents,
  verifiedAt,
}: Rotation): Partial<Rotation> {
  return {
    ...(successor ? { successor } : {}),
    ...(predecessor ? { predecessor } : {}),
    ...(verifiedAt && expectation ? { expectation, dependents, verifiedAt } : {}),
  };
}

function failed(rotation: Rotation, { step, code, message, at }: Of<'step-failed'>): Rotation {
  const attempts = (rotation.failure?.attempts ?? 0) + 1;
  return { ...rotation, failure: { step, code, message, at, attempts } };
}

function adopted(rotation: Rotation, { dependent, adoption }: Of<'dependent-adopted'>): Rotation {
  if (rotation.rollback) {
    const { returned } = rotation.rollback;
    return withRollback(rotation, { returned: { [dependent]: adoption, ...returned } });
  }
  // The first proof is kept: a later one tells nothing more.
  return { ...rotation, adoption: { [dependent]: adoption, ...rotation.adoption } };
}

function observed(rotation: Rotation, { trails, inUse, at }: Of<'observed'>): Rotation {
  const { inUse: _before, ...rest } = rotation;
  return {
    ...rest,
    observedAt: at,
    evidence: { ...rotation.evidence, ...trails },
    ...(inUse ? { inUse } : {}),
  };
}

function seenInUse(
  rotation: Rotation,
  { evidence, unadopted, expectation, at }: Of<'seen-in-use'>,
): Rotation {
  const { adoptedAt: _adopted, disabledAt: _disabled, ...unadopting } = rotation;
  // Without the moment of the last look the next one is due at once.
  const { deadlineDecidedAt: _decided, observedAt: _observed, ...rest } = unadopting;
  const kept = Object.entries(rotation.adoption).filter(([name]) => !unadopted.includes(name));
  const trails = Object.entries(rotation.evidence).filter(([name]) => !unadopted.includes(name));
  return {
    ...rest,
    adoption: Object.fromEntries(kept),
    evidence: Object.fromEntries(trails),
    inUse: evidence,
    adoptingSince: at,
    ...(expectation === undefined ? {} : { expectation }),
  };
}

function rollBackOrdered(rotation: Rotation, { by, reason, at }: Of<'roll-back-ordered'>): Rotation {
  if (rotation.phase === 'abandoned')
    return { ...rotation, endedAt: at, endedBecause: `rolled back by ${by}: ${reason}` };
  const { deadlineDecidedAt: _decided, inUse: _inUse, ...rest } = rotation;
  return { ...rest, evidence: {}, rollback: { requestedAt: at, by, reason, returned: {} } };
}

function withRollback(rotation: Rotation, facts: Partial<Rollback>): Rotation {
  if (!rotation.rollback) return rotation;
  const { restoredAt, toldAt, returnedAt } = rotation.rollback;
  const firsts: Partial<Rollback> = {
    ...(restoredAt && facts.restoredAt ? { restoredAt: earliest(restoredAt, facts.restoredAt) } : {}),
    ...(toldAt && facts.toldAt ? { toldAt: earliest(toldAt, facts.toldAt) } : {}),
    ...(returnedAt && facts.returnedAt ? { returnedAt: earliest(returnedAt, facts.returnedAt) } : {}),
  };
  return { ...rotation, rollback: { ...rotation.rollback, ...facts, ...firsts } };
}
