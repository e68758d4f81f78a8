import type { AdvancePorts } from '../../lambdas/advance-rotation/advance-ports.ts';
import { findCredential } from '../../lambdas/core/find-credential.ts';
import type { CredentialState, Expectation } from '../../lambdas/core/ledger-rows.ts';
import { create } from '../../lambdas/core/ports/ledger.ts';
import type { Observation } from '../../lambdas/core/ports/rotator.ts';
import type { TargetCommand } from '../../lambdas/core/ports/targets.ts';
import type { Phase, Rotation } from '../../lambdas/core/rotation/rotation.ts';
import { instant, secondsAfter } from '../../lambdas/core/time.ts';
import { aRotation } from '../core/rotation/a-rotation.ts';
import { countedIds } from '../fakes/counted-ids.ts';
import { CountingMetrics } from '../fakes/counting-metrics.ts';
import { FakeClock } from '../fakes/fake-clock.ts';
import { Judge } from '../fakes/judge.ts';
import { LocalTargets } from '../fakes/local-targets.ts';
import { MemoryAudit } from '../fakes/memory-audit.ts';
import { MemoryLedger } from '../fakes/memory-ledger.ts';
import { MemoryTimer } from '../fakes/memory-timer.ts';
import { inventoryOf } from '../simulation/cast.ts';

/** When the decisions of these tests are taken. */
export const NOW = '2026-03-01T12:00:00.000Z';
/** So many seconds before now. */
export const before = (seconds: number): string => secondsAfter(NOW, -seconds);

/** The dependents of the rotation: one that proves itself by sessions alone, and two that acknowledge. */
export const [API, JOB, POOL] = ['store-0-prompt', 'store-1-keeper', 'store-2-sessions'];

/** Everybody has proved itself. */
export const ALL_ADOPTED: Rotation['adoption'] = Object.fromEntries(
  [API, JOB, POOL].map((name) => [name, { by: 'acknowledgement', at: before(3600) }]),
);

/** What the target answers to each command, where a test cares. */
export interface Answers {
  readonly observe?: Partial<Omit<Observation, 'at'>> | 'unsupported';
  readonly disable?: 'disabled' | 'in-use' | 'not-supported';
  readonly revoke?: 'refused' | 'accepted' | 'unknown';
}

/** One rotation of `store` in some phase, and whoever decides about it, with a scripted target function. */
export async function aDecision(
  phase: Phase,
  facts: Partial<Rotation> = {},
  answers: Answers = {},
  state: Partial<CredentialState> = {},
) {
  const inventory = inventoryOf({
    habits: { store: ['prompt', 'keeper', 'sessions'] },
    onDeadline: 'hold-and-page',
    mintsReversibly: false,
  });
  const { dependents } = findCredential(inventory, 'store');
  const judge = new Judge();
  const clock = new FakeClock(NOW);
  const ledger = new MemoryLedger(judge);
  await ledger.commit([
    create('credential', 'store', 'state', { fence: 1, active: 'token', ...state }),
    create('rotation', 'store', 'token', aRotation(phase, { ...standing(phase), dependents, ...facts })),
    create('expectation', 'store', 'token#1', anExpectation),
  ]);
  const audit = new MemoryAudit(judge);
  const timer = new MemoryTimer(clock.now, () => Promise.resolve(), judge);
  const targets = new LocalTargets();
  targets.wire('db', async (command) => answerOf(command, answers));
  const metrics = new CountingMetrics(judge);
  const ports: AdvancePorts = {
    inventory,
    ledger,
    timer,
    targets,
    metrics,
    audit: audit.appender,
    clock: clock.now,
    newId: countedIds(),
    functionName: 'advance',
  };
  const rotation = async (): Promise<Rotation> => {
    const row = await ledger.read('rotation', 'store', 'token');
    if (!row) throw new RangeError('the rotation is gone');
    return row.body;
  };
  return {
    ports,
    ledger,
    timer,
    metrics,
    rotation,
    /** The commands that the target function was sent. */
    asked: (): readonly string[] => targets.calls.map((call) => call.do),
    targets,
    /** Who is to be told of what, by the events that were committed. */
    told: async () =>
      (await ledger.pending(50)).flatMap((event) =>
        event.type === 'credential.changed' ? [event.detail] : [],
      ),
    audited: (): readonly string[] =>
      audit
        .entries('store')
        .map(({ type, action, what }) => [type, action, what.dependent].filter(Boolean).join(' ')),
  };
}

const standing = (phase: Phase): Partial<Rotation> => ({
  predecessor: { version: 'before', key: 'slot_a' },
  successor: { version: 'token', key: 'slot_b' },
  expectation: 'token#1',
  requestedAt: before(7200),
  promotedAt: before(7000),
  adoptingSince: before(600),
  ...(phase === 'adopted' || phase === 'disabled' ? { adoptedAt: before(3600), adoption: ALL_ADOPTED } : {}),
  ...(phase === 'disabled' ? { disabledAt: before(1800) } : {}),
});

const anExpectation: Expectation = {
  rotation: 'token',
  version: 'token',
  change: 'promoted',
  at: before(7000),
  expected: Object.fromEntries(
    [API, JOB, POOL].map((name) => [
      name,
      { workload: `workload-of-${name}`, nonce: `nonce of ${name}`, tagDigest: `digest of ${name}` },
    ]),
  ),
};

function answerOf(
  command: TargetCommand,
  { observe = {}, disable = 'disabled', revoke = 'refused' }: Answers,
) {
  switch (command.do) {
    case 'observe':
      return observe === 'unsupported' ? { unsupported: true } : observation(observe);
    case 'disable':
      return { state: disable };
    case 'enable':
      return { state: 'enabled' };
    case 'revoke':
      return { refused: revoke };
    case 'expect':
      return { id: command.id };
    default:
      throw new RangeError(`nobody asks for ${command.do} here`);
  }
}

const observation = (seen: Partial<Omit<Observation, 'at'>>): Observation => ({
  at: instant(new Date(NOW)),
  successor: { sessions: 0 },
  predecessor: { sessions: 0 },
  byDependent: {},
  strangersOnPredecessor: 0,
  ...seen,
});
