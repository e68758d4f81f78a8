import type { Phase, ReachedPhase, Rotation } from '../../../lambdas/core/rotation/rotation.ts';
import { instant } from '../../../lambdas/core/time.ts';

/** A rotation of `store` in a phase, with what it has by then. */
export function aRotation(phase: Phase, facts: Partial<Rotation> = {}): Rotation {
  const at = instant(new Date('2026-03-01T00:00:00Z'));
  const reached: ReachedPhase =
    phase === 'requested' || phase === 'issued' || phase === 'installed' ? phase : 'verified';
  return {
    credential: 'store',
    token: 'token',
    kind: 'db',
    strategy: 'two-slot',
    cause: 'cadence',
    requestedBy: 'schedule',
    requestId: 'request',
    fence: 1,
    phase,
    reached,
    dependents: [],
    retire: { drainSeconds: 60, soakSeconds: 60, deadlineSeconds: 600, onDeadline: 'hold-and-page' },
    observable: true,
    requestedAt: at,
    adoption: {},
    evidence: {},
    ...(phase === 'rolling-back' || phase === 'rolled-back'
      ? { rollback: { requestedAt: at, by: 'somebody', reason: 'a test', returned: {} } }
      : {}),
    ...facts,
  };
}
