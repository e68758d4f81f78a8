import { LockstepError } from '../core/errors.ts';

/** Longer reasons are refused: they go into the audit and onto pages. */
const MAX_REASON = 400;

/**
 * A reason that a caller gave, as it may be shown to others. Throws `MALFORMED_REQUEST` for one that could steer a
 * terminal, or that fills a page.
 */
export function plainReason(reason: string, what: string): string {
  const text = reason.trim();
  // Control characters, line and paragraph separators, and what turns the direction of text around.
  const isPlain = !/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u.test(text);
  if (isPlain && text.length > 0 && text.length <= MAX_REASON) return text;
  throw new LockstepError(
    'MALFORMED_REQUEST',
    `${what} should be one line of 1 to ${MAX_REASON} characters, none of which steers a terminal`,
  );
}

/** An id that a caller chose for its request, as it may be the key of a row. Throws `MALFORMED_REQUEST`. */
export function plainRequestId(requestId: string): string {
  if (/^[\x21-\x7e]{1,128}$/.test(requestId)) return requestId;
  throw new LockstepError(
    'MALFORMED_REQUEST',
    'requestId should be 1 to 128 printable ASCII characters without a blank',
  );
}
