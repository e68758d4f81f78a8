import { TARGET_TIMEOUT_SECONDS } from '../../lambdas/contracts/function-timeouts.ts';

/** Longer than an invocation can live: no holder of a lock outlives it unknowingly. */
export const lockSeconds = TARGET_TIMEOUT_SECONDS + 60;

/** Four steps of two minutes, each tried again a few times, are over by then. */
export const stuckAfterSeconds = 1800;

/** Providers count our calls: keys that nobody knows are looked for four times a day. */
export const orphansEverySeconds = 21_600;
