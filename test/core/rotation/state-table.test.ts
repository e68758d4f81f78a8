import { describe, expect, it } from 'vitest';
import { ROTATION_EVENTS, type RotationEvent } from '../../../lambdas/core/rotation/events.ts';
import { PHASES, type Phase, type ReachedPhase } from '../../../lambdas/core/rotation/rotation.ts';
import type { TabledPhase } from '../../../lambdas/core/rotation/state-table.ts';
import { transition } from '../../../lambdas/core/rotation/transition.ts';
import { instant } from '../../../lambdas/core/time.ts';
import { page } from '../../docs/code-blocks.ts';
import { aRotation } from './a-rotation.ts';

/*
 * The table as it stands in ARCHITECTURE.md, where people read it, is what the code is held to: whoever changes a cell
 * has to change what is promised (scripts/write-state-table.ts), and a reviewer sees it.
 */

const [, table = ''] = page('ARCHITECTURE.md').split(/<!-- state-table:(?:start|end) -->/);
const [header = [], , ...lines] = table
  .trim()
  .split('\n')
  .map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim().replaceAll(/[`*]/g, '')),
  );
const phases = header.slice(1) as readonly TabledPhase[];

interface Row {
  readonly phase: TabledPhase;
  readonly event: RotationEvent['type'];
  readonly promised: string;
}
const cells: readonly Row[] = lines.flatMap(([event, ...row]) =>
  row.map((promised, index) => ({
    phase: phases[index] ?? 'requested',
    event: event as RotationEvent['type'],
    promised,
  })),
);

const at = instant(new Date('2026-03-01T01:00:00Z'));
const version = { version: 'v', key: 'k' };
const EVENTS: { readonly [T in RotationEvent['type']]: Extract<RotationEvent, { readonly type: T }> } = {
  issued: { type: 'issued', at, successor: version, predecessor: version },
  installed: { type: 'installed', at },
  verified: {
    type: 'verified',
    at,
    dependents: [],
    retire: { drainSeconds: 1, soakSeconds: 1, deadlineSeconds: 1, onDeadline: 'hold-and-page' },
    observable: true,
    expectation: 'token#1',
  },
  promoted: { type: 'promoted', at },
  'step-failed': { type: 'step-failed', at, step: 'setSecret', code: 'TARGET_UNREACHABLE', message: 'down' },
  'fanned-out': { type: 'fanned-out', at },
  'dependent-adopted': {
    type: 'dependent-adopted',
    at,
    dependent: 'api',
    adoption: { by: 'acknowledgement', at },
  },
  observed: { type: 'observed', at, trails: {} },
  'adoption-completed': { type: 'adoption-completed', at },
  'deadline-decided': { type: 'deadline-decided', at },
  'seen-in-use': { type: 'seen-in-use', at, evidence: { at, dependents: [], seen: 'it' }, unadopted: [] },
  disabled: { type: 'disabled', at },
  revoked: { type: 'revoked', at, refused: 'refused' },
  abandoned: { type: 'abandoned', at, because: 'a test' },
  'roll-back-ordered': { type: 'roll-back-ordered', at, by: 'somebody', reason: 'a test' },
  restored: { type: 'restored', at, expectation: 'token#2' },
  breached: { type: 'breached', at },
};

/** What became of an event, in the words of the table. */
function outcomeOf(phase: Phase, reached: ReachedPhase | undefined, event: RotationEvent['type']): string {
  const before = aRotation(phase, reached ? { reached } : {});
  const after = transition(before, EVENTS[event]);
  if (after.kind === 'refused') return after.code;
  if (after.kind === 'unchanged') return '·';
  return after.rotation.phase === before.phase ? 'note' : after.rotation.phase;
}

describe('the state table of ARCHITECTURE.md', () => {
  it('has a cell for every phase and event', () => {
    expect([...phases, 'failed'].sort()).toEqual([...PHASES].sort());
    expect(lines.map(([event]) => event)).toEqual(ROTATION_EVENTS);
    expect(cells).toHaveLength(phases.length * ROTATION_EVENTS.length);
  });

  it.each(cells)('$event in $phase: $promised', ({ phase, event, promised }) => {
    expect(outcomeOf(phase, undefined, event)).toBe(promised);
  });

  const before = cells.filter(({ phase }) => phases.indexOf(phase) < phases.indexOf('promoted'));
  it.each(before)(
    '$event after a failure in $phase, which answers as that phase',
    ({ phase, event, promised }) => {
      const outcome = outcomeOf('failed', phase as ReachedPhase, event);
      // a step that repeats what had been reached ends the failure; a further failure is noted
      const expected = { '·': phase, failed: 'note' }[promised] ?? promised;
      expect(outcome).toBe(expected);
    },
  );
});
