import type { LeaseTimes } from '../../lambdas/core/ports/leaser.ts';
import { instant, secondsAfter, type Clock } from '../../lambdas/core/time.ts';

/** The times of a lease that is asked for now and ends in so many minutes. */
export const inMinutes = (clock: Clock, minutes: number): LeaseTimes => ({
  expiresAt: secondsAfter(instant(clock()), minutes * 60),
  notAfter: secondsAfter(instant(clock()), 60),
});
