/** Error codes of the system's for a network that failed, or a peer that hung up. */
const BREAKS: readonly string[] = [
  'ECONNREFUSED',
  'ECONNRESET',
  'ECONNABORTED',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENETDOWN',
];

/** The code of an error of Node's or the system's; `undefined` for one that has none. */
export const systemCodeOf = (error: unknown): string | undefined =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;

/** Whether a code tells of a network that failed, or a peer that hung up. */
export const isBreakCode = (code: string): boolean => BREAKS.includes(code);

/** Whether an error came from the TLS layer itself: an alert, or bytes that are no TLS. */
export const isTlsFailure = (error: unknown): boolean =>
  /^(ERR_(SSL|TLS)_|EPROTO$)/.test(systemCodeOf(error) ?? '');
