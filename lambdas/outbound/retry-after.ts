/** Longer waits are asked for in error or in bad faith: our own backoff decides. In seconds. */
export const RETRY_AFTER_CAP_SECONDS = 3600;

/**
 * What a `Retry-After` header asks for, in whole seconds from `now`: a number or an HTTP date (RFC 9110
 * §10.2.3), between 0 and the cap; `undefined` where it is neither.
 */
export function retryAfterSeconds(header: string | undefined | null, now: Date): number | undefined {
  if (header === undefined || header === null) return undefined;
  const text = header.trim();
  if (/^\d{1,9}$/.test(text)) return capped(Number(text));
  // `Date.parse` takes far more than HTTP dates; a header that is none of those is not guessed at.
  if (!/^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/.test(text)) return undefined;
  const at = Date.parse(text);
  return Number.isNaN(at) ? undefined : capped(Math.ceil((at - now.getTime()) / 1000));
}

const capped = (seconds: number): number => Math.min(RETRY_AFTER_CAP_SECONDS, Math.max(0, seconds));
