import type { MetricName } from './metric-names.ts';

/** When a metric wakes somebody, and what that person reads first. The same in both worlds. */
export interface Alarm {
  readonly id: string;
  readonly metric: MetricName;
  /** Only samples with these labels count; none: all. */
  readonly labels?: Readonly<Record<string, string>>;
  readonly statistic: 'sum' | 'maximum';
  readonly comparison: 'at-least' | 'less-than';
  readonly threshold: number;
  readonly periodSeconds: number;
  readonly periods: number;
  /** No samples at all: is that fine, or the very thing the alarm is for? */
  readonly missing: 'fine' | 'breach';
  readonly severity: 'critical' | 'high' | 'medium';
  readonly title: string;
  readonly what: string;
  readonly firstCommand: string;
}

export const ALARMS: readonly Alarm[] = [
  {
    id: 'rotation-failed',
    metric: 'lockstep_step_failures',
    statistic: 'sum',
    comparison: 'at-least',
    threshold: 3,
    periodSeconds: 300,
    periods: 1,
    missing: 'fine',
    severity: 'high',
    title: 'A rotation keeps failing',
    what: 'A step of a rotation failed three times in five minutes. The predecessor is still current and works; nothing has been retired.',
    firstCommand: 'lockstep status',
  },
  {
    id: 'rotation-abandoned',
    metric: 'lockstep_rotations',
    labels: { outcome: 'abandoned' },
    statistic: 'sum',
    comparison: 'at-least',
    threshold: 1,
    periodSeconds: 300,
    periods: 1,
    missing: 'fine',
    severity: 'high',
    title: 'A rotation was given up',
    what: 'A successor never worked and was abandoned. The predecessor is current and works; the next cadence tries again.',
    firstCommand: 'lockstep history --last 5',
  },
  {
    id: 'rotation-overdue',
    metric: 'lockstep_rotations_overdue',
    statistic: 'maximum',
    comparison: 'at-least',
    threshold: 1,
    periodSeconds: 300,
    periods: 1,
    missing: 'fine',
    severity: 'high',
    title: 'A credential is older than its cadence',
    what: 'At least one credential has not been rotated when it should have been. It works; it is only too old.',
    firstCommand: 'lockstep status --overdue',
  },
  {
    id: 'adoption-overdue',
    metric: 'lockstep_adoptions_overdue',
    statistic: 'maximum',
    comparison: 'at-least',
    threshold: 1,
    periodSeconds: 300,
    periods: 1,
    missing: 'fine',
    severity: 'high',
    title: 'A dependent has not moved in time',
    what: 'A rotation is past its adoption deadline. Both versions work; the old one is kept until the dependent moves or somebody decides.',
    firstCommand: 'lockstep status --waiting',
  },
  {
    id: 'pending-stuck',
    metric: 'lockstep_pending_stuck',
    statistic: 'maximum',
    comparison: 'at-least',
    threshold: 1,
    periodSeconds: 300,
    periods: 2,
    missing: 'fine',
    severity: 'medium',
    title: 'A pending version is stuck',
    what: 'A version has been pending for longer than a rotation takes. It blocks the next rotation; the current version works.',
    firstCommand: 'lockstep inventory drift',
  },
  {
    id: 'dead-letters',
    metric: 'lockstep_dead_letters',
    statistic: 'maximum',
    comparison: 'at-least',
    threshold: 1,
    periodSeconds: 60,
    periods: 1,
    missing: 'fine',
    severity: 'high',
    title: 'A message was given up',
    what: 'A delivery failed until its attempts ran out: somebody was not told, or a step was not taken. Nothing is lost; it waits to be driven again.',
    firstCommand: "lockstep redrive --reason 'cause mended'",
  },
  {
    id: 'finding',
    metric: 'lockstep_findings',
    statistic: 'sum',
    comparison: 'at-least',
    threshold: 1,
    periodSeconds: 60,
    periods: 1,
    missing: 'fine',
    severity: 'critical',
    title: 'A secret was read out of character',
    what: 'The watch saw an access that no binding, rotation or intent explains. The page of the finding has the principal and the reasons.',
    firstCommand: 'lockstep history --findings',
  },
  {
    id: 'audit-failing',
    metric: 'lockstep_audit_failures',
    statistic: 'sum',
    comparison: 'at-least',
    threshold: 1,
    periodSeconds: 300,
    periods: 1,
    missing: 'fine',
    severity: 'critical',
    title: 'The audit cannot be written',
    what: 'An audit entry or a signed head could not be written. No rotation is promoted until it can; revocations in breach mode go on.',
    firstCommand: 'lockstep audit verify',
  },
  {
    id: 'seal-late',
    metric: 'lockstep_seal_age_seconds',
    statistic: 'maximum',
    comparison: 'at-least',
    threshold: 300,
    periodSeconds: 60,
    periods: 1,
    missing: 'breach',
    severity: 'high',
    title: 'The audit is not being sealed',
    what: 'The newest signed head is older than five minutes. Records since then could be rewritten unseen.',
    firstCommand: 'lockstep audit verify',
  },
  {
    id: 'heartbeat-missing',
    metric: 'lockstep_heartbeat_reads',
    statistic: 'sum',
    comparison: 'less-than',
    threshold: 1,
    periodSeconds: 900,
    periods: 1,
    missing: 'breach',
    severity: 'critical',
    title: 'The watch is blind',
    what: 'Our own heartbeat read has not been seen for fifteen minutes: trail, rule, queue or detector is broken, and silence proves nothing.',
    firstCommand: 'lockstep status --watch',
  },
];
