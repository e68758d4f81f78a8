/** How a metric behaves, its unit, and the labels that its samples carry. One table for both worlds. */
export interface MetricDefinition {
  readonly type: 'counter' | 'gauge' | 'distribution';
  readonly unit: 'count' | 'seconds' | 'milliseconds' | 'ratio';
  readonly labels: readonly string[];
  /** Fewer labels, under which an alarm looks at it: CloudWatch cannot sum over labels in an alarm. */
  readonly alarmedBy?: readonly (readonly string[])[];
  readonly help: string;
}

/**
 * Every metric. On CloudWatch the namespace is `Lockstep` and every sample also carries `environment`; the
 * embedded world prints the same names in OpenMetrics, with `environment` as a label.
 */
export const METRICS = {
  lockstep_rotations: {
    type: 'counter',
    unit: 'count',
    labels: ['outcome', 'kind'],
    alarmedBy: [['outcome']],
    help: 'Rotations by how they ended',
  },
  lockstep_rotations_refused: {
    type: 'counter',
    unit: 'count',
    labels: ['code'],
    help: 'Rotations refused before any effect',
  },
  lockstep_step_seconds: {
    type: 'distribution',
    unit: 'seconds',
    labels: ['step', 'kind'],
    help: 'Time a step of a rotation took',
  },
  lockstep_step_failures: {
    type: 'counter',
    unit: 'count',
    labels: ['step', 'kind', 'code'],
    help: 'Steps that failed',
  },
  lockstep_vault_writes: {
    type: 'counter',
    unit: 'count',
    labels: ['outcome', 'lane'],
    help: 'Writes to the vault that were taken from its budget, postponed, or (breach) not waited for',
  },
  lockstep_adoption_seconds: {
    type: 'distribution',
    unit: 'seconds',
    labels: ['dependent_kind'],
    help: 'From promotion to a proof of adoption',
  },
  lockstep_deliveries: {
    type: 'counter',
    unit: 'count',
    labels: ['outcome', 'dependent_kind'],
    help: 'Notices to dependents by outcome',
  },
  lockstep_acknowledgements: {
    type: 'counter',
    unit: 'count',
    labels: ['outcome'],
    help: 'Acknowledgements by outcome',
  },
  lockstep_reads: {
    type: 'counter',
    unit: 'count',
    labels: ['outcome'],
    help: 'Reads of values through the embedded endpoint',
  },
  lockstep_callers: {
    type: 'counter',
    unit: 'count',
    labels: ['proof', 'outcome'],
    help: 'Callers of the broker by what they showed: recognised, refused, replayed, or failed to be told',
  },
  lockstep_vault_read_milliseconds: {
    type: 'distribution',
    unit: 'milliseconds',
    labels: ['reader'],
    help: 'How long a read of the vault took us',
  },
  lockstep_dependent_fetch_milliseconds: {
    type: 'distribution',
    unit: 'milliseconds',
    labels: ['dependent_kind'],
    help: 'How long dependents say their read took',
  },
  lockstep_credential_age_ratio: {
    type: 'gauge',
    unit: 'ratio',
    labels: ['credential'],
    help: 'Age of the current version over its cadence; of a lease authority, over its supplyEvery',
  },
  lockstep_rotations_failing: {
    type: 'gauge',
    unit: 'count',
    labels: [],
    help: 'Rotations that a person has to help, or that have failed three times',
  },
  lockstep_rotations_overdue: {
    type: 'gauge',
    unit: 'count',
    labels: [],
    help: 'Credentials older than their cadence allows, and lease authorities older than their supplyEvery',
  },
  lockstep_adoptions_overdue: {
    type: 'gauge',
    unit: 'count',
    labels: [],
    help: 'Rotations whose adoption is past its deadline',
  },
  lockstep_pending_stuck: {
    type: 'gauge',
    unit: 'count',
    labels: [],
    help: 'Versions that have been pending too long',
  },
  lockstep_access_records: {
    type: 'counter',
    unit: 'count',
    labels: ['outcome'],
    help: 'Access records that the watch was given, by what became of them',
  },
  lockstep_access_record_lag_seconds: {
    type: 'distribution',
    unit: 'seconds',
    labels: [],
    help: 'From an access to the moment when the watch saw its record',
  },
  lockstep_findings: {
    type: 'counter',
    unit: 'count',
    labels: ['rule', 'severity'],
    alarmedBy: [[]],
    help: 'Accesses out of character',
  },
  lockstep_messages_dropped: {
    type: 'counter',
    unit: 'count',
    labels: ['code'],
    help: 'Messages that could never work and were dropped',
  },
  lockstep_dead_letters: { type: 'gauge', unit: 'count', labels: [], help: 'Deliveries that were given up' },
  lockstep_audit_failures: {
    type: 'counter',
    unit: 'count',
    labels: ['kind'],
    alarmedBy: [[]],
    help: 'Audit entries or heads that could not be written',
  },
  lockstep_audit_append_milliseconds: {
    type: 'distribution',
    unit: 'milliseconds',
    labels: [],
    help: 'Time to append one audit entry',
  },
  lockstep_seal_age_seconds: {
    type: 'gauge',
    unit: 'seconds',
    labels: [],
    help: 'Age of the newest signed head',
  },
  lockstep_outbox_age_seconds: {
    type: 'gauge',
    unit: 'seconds',
    labels: [],
    help: 'Age of the oldest event that is not on the bus',
  },
  lockstep_outbox_malformed: {
    type: 'gauge',
    unit: 'count',
    labels: [],
    help: 'Things in the outbox that are no events of ours',
  },
  lockstep_heartbeat_reads: {
    type: 'counter',
    unit: 'count',
    labels: [],
    help: 'Our own heartbeat reads that the watch has seen',
  },
  lockstep_pages: { type: 'counter', unit: 'count', labels: ['severity'], help: 'Pages handed to on-call' },
  lockstep_reconcile_findings: {
    type: 'counter',
    unit: 'count',
    labels: ['action'],
    help: 'What reconcile finished, reversed or reported',
  },
  lockstep_leases: {
    type: 'counter',
    unit: 'count',
    labels: ['outcome', 'kind'],
    help: 'Leases by what became of them: issued, renewed, ended, or never handed over',
  },
  lockstep_leases_refused: {
    type: 'counter',
    unit: 'count',
    labels: ['code'],
    help: 'Asks of the broker that were refused, or put off',
  },
  lockstep_lease_issue_seconds: {
    type: 'distribution',
    unit: 'seconds',
    labels: ['kind'],
    help: 'From an ask to the lease that was handed over',
  },
  lockstep_leases_live: {
    type: 'gauge',
    unit: 'count',
    labels: ['leasable'],
    help: 'Leases that are not over',
  },
  lockstep_lease_debt: {
    type: 'gauge',
    unit: 'count',
    labels: ['target'],
    alarmedBy: [[]],
    help: 'Leases that should have ended at their target minutes ago and have not',
  },
  lockstep_lease_findings: {
    type: 'counter',
    unit: 'count',
    labels: ['action'],
    help: 'Where targets and the ledger differed: told to end, unknown to the ledger, or not comparable (failed); and other deployments with leases there (foreign)',
  },
  lockstep_lease_sweep_age_seconds: {
    type: 'gauge',
    unit: 'seconds',
    labels: [],
    help: 'How long ago the sweeper last came to the minute of then',
  },
  lockstep_approvals: {
    type: 'counter',
    unit: 'count',
    labels: ['outcome'],
    help: 'Requests that wait for people, by what became of them',
  },
  lockstep_break_glass_unreviewed: {
    type: 'gauge',
    unit: 'count',
    labels: [],
    help: 'Leases taken by breaking the glass that nobody has reviewed within a day',
  },
} as const satisfies Record<string, MetricDefinition>;

export type MetricName = keyof typeof METRICS;
