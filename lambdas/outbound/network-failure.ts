/** Why no answer came: what decides who acts next. */
export type NetworkFailure = 'dns' | 'connect' | 'tls' | 'timeout' | 'broken';

/** Names of OpenSSL's and Node's certificate and handshake errors. */
const TLS =
  /^(ERR_TLS|ERR_SSL|CERT_|CRL_|UNABLE_TO_|SELF_SIGNED|DEPTH_ZERO|HOSTNAME_MISMATCH|INVALID_(CA|PURPOSE)|EPROTO)/;
const DNS: ReadonlySet<string> = new Set(['ENOTFOUND', 'EAI_AGAIN', 'EAI_FAIL', 'ENODATA', 'ESERVFAIL']);
const CONNECT: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EHOSTDOWN',
  'EADDRNOTAVAIL',
]);

/** What stopped a request, judged by error codes alone: the text of a network error may hold what was sent. */
export function networkFailure(error: unknown): { readonly kind: NetworkFailure; readonly code: string } {
  const code = codesOf(error).find((each) => /^[A-Z][A-Z0-9_]{2,63}$/.test(each)) ?? 'no code';
  if (TLS.test(code)) return { kind: 'tls', code };
  if (DNS.has(code)) return { kind: 'dns', code };
  if (CONNECT.has(code)) return { kind: 'connect', code };
  if (isTimeout(error, code)) return { kind: 'timeout', code };
  return { kind: 'broken', code };
}

const isTimeout = (error: unknown, code: string): boolean =>
  code === 'ETIMEDOUT' ||
  (code.startsWith('UND_ERR_') && code.endsWith('_TIMEOUT')) ||
  (error instanceof Error && (error.name === 'TimeoutError' || error.name === 'AbortError'));

/** The codes of an error, of its cause, and of the attempts that an `AggregateError` gathers (one per address). */
function codesOf(error: unknown, depth = 0): readonly string[] {
  if (!(error instanceof Error) || depth > 3) return [];
  const own = 'code' in error && typeof error.code === 'string' ? [error.code] : [];
  const gathered: readonly unknown[] = error instanceof AggregateError ? error.errors : [];
  return [...own, ...[error.cause, ...gathered].flatMap((inner) => codesOf(inner, depth + 1))];
}
