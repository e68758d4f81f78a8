/**
 * The times of the embedded world, in seconds: what `environments.local: { cadence: 'fast' }` puts in place
 * of every cadence, cache and deadline of the file. They pass the same checks as any others.
 */
export const FAST = {
  rotateEverySeconds: 60,
  cacheTtlSeconds: 2,
  poolLifetimeSeconds: 4,
  drainSeconds: 4,
  soakSeconds: 2,
  deadlineSeconds: 40,
  // What nobody says a time for is over in no time; a person who asks for minutes gets them, and can renew and approve by hand.
  lease: { defaultSeconds: 20, maximumSeconds: 900, longestSeconds: 900 },
} as const;
