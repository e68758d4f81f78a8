/** How deliveries are tried again before they become dead letters. */
export interface RetryPolicy {
  readonly maxAttempts: number;
  readonly baseSeconds: number;
  readonly capSeconds: number;
}

/** Twelve attempts over some fifty minutes; then a dead letter, an alarm, and `lockstep redrive`. */
export const DELIVERY_RETRIES: RetryPolicy = { maxAttempts: 12, baseSeconds: 2, capSeconds: 1800 };

/**
 * Seconds to wait before attempt `attempt + 1`: exponential with full jitter, never below what the other
 * side asked for (https://aws.amazon.com/builders-library/timeouts-retries-and-backoff-with-jitter/).
 *
 * @param attempt how many attempts have been made, from 1
 * @param random a number in [0, 1)
 */
export function backoffSeconds(
  policy: RetryPolicy,
  attempt: number,
  random: number,
  askedSeconds = 0,
): number {
  const ceiling = Math.min(policy.capSeconds, policy.baseSeconds * 2 ** (attempt - 1));
  // Half fixed, half random: never a burst of immediate retries, never a herd.
  return Math.max(askedSeconds, ceiling / 2 + (ceiling / 2) * random);
}
