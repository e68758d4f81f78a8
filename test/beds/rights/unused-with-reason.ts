/** Parts of statements that no recorded run uses, and why they are given all the same. */
export interface ReasonedGrants {
  /** The function whose role it is, or the group of schedules. `*` is any text, here and below. */
  readonly role: string;
  /** An action, a resource or a listed value of a condition, as it stands in the policy. */
  readonly part: string;
  readonly because: string;
  /**
   * Whether a run uses it depends on how its functions come between each other: used, it needs no reason, and the
   * reason is no fault as long as somebody is granted this.
   */
  readonly inSomeRuns?: true;
}

/**
 * Every part of every role is used by a call of some run, or by AWS itself (acts-of-aws.ts), or stands here. A reason
 * that covers nothing any more fails the judgement as well.
 */
export const UNUSED_WITH_REASON: readonly ReasonedGrants[] = [
  {
    role: '*',
    part: 'sqs:ChangeMessageVisibility',
    because:
      'a message is put off only where its function has failed; the same lines do it in every function that a queue feeds (lambdas/shell/postpone-delivery.ts), and a run fails some of them',
  },
  {
    role: 'operate',
    part: 'arn:aws:sqs:*',
    because:
      'letters are sent back to the queue of whichever function gave them up; one rule gives all queues, and a run has letters in some',
  },
  ...['sqs:StartMessageMoveTask', 'sqs:ListMessageMoveTasks'].map((part) => ({
    role: 'operate',
    part,
    inSomeRuns: true as const,
    because:
      'MiniStack has no move tasks, so a run drives letters about one credential again, one by one (test/beds/deviations.md)',
  })),
  ...['credential#*', 'rotation#*', 'lock#*', 'dynamodb:BatchWriteItem', 'dynamodb:PutItem'].map((part) => ({
    role: 'reconcile',
    part,
    inSomeRuns: true as const,
    because:
      'what has stood still for half an hour is put right, and a run takes less; reconcile itself is tested with a clock that is moved (test/reconcile)',
  })),
  {
    role: 'sweep-leases',
    part: 'lease-review#*',
    because:
      'a broken glass that nobody has reviewed is told again a day later, and a run takes less (test/sweep-leases)',
  },
  ...['grant-lease', 'sweep-leases'].map((role) => ({
    role,
    part: 'lease-due#*',
    inSomeRuns: true as const,
    because:
      'a pointer is looked for where somebody else was at its lease meanwhile, and made anew for what is found at a target (test/sweep-leases)',
  })),
  ...['lease-index#*', 'lease-order#*'].map((part) => ({
    role: 'sweep-leases',
    part,
    inSomeRuns: true as const,
    because:
      'the broker carries out a small order before the sweeper comes to it, and pointers are touched where somebody was first or something unknown is found (test/sweep-leases)',
  })),
];
