import { LockstepError } from '../../lambdas/core/errors.ts';
import { readAuthority, sameAuthority, type Authority } from './authority.ts';
import { headerList, plainName, valuesOf, type HeaderList } from './header-list.ts';
import { readTarget, type RequestTarget } from './request-target.ts';

/** A request as Node's parser has read it. */
export interface ParsedRequest {
  readonly method?: string | undefined;
  readonly url?: string | undefined;
  readonly httpVersion: string;
  readonly rawHeaders: readonly string[];
}

/** A request that everybody reads in the same way. */
export interface RequestHead {
  readonly method: string;
  readonly target: RequestTarget;
  readonly headers: HeaderList;
  /** Bytes of its body; `chunked` where they are not known before. */
  readonly body: number | 'chunked';
}

/** They would show the credential to whoever asks, or lead past the rules. */
const NEVER: ReadonlySet<string> = new Set(['CONNECT', 'TRACE', 'TRACK']);

/**
 * Reads a request that came for one place. Throws where two readers could take it differently: the one behind us would
 * then do something else than what was looked at (request smuggling, RFC 9112 §11.2).
 *
 * Node's parser has refused before: a length beside a transfer coding, two lengths, folded headers, bare line ends, spaces
 * before colons. Some of it is looked at again here, since a flag of the process can make that parser lenient.
 *
 * Errors: `MALFORMED_REQUEST`; `NOT_SUPPORTED` for upgrades; `EGRESS_REFUSED` for methods that never pass.
 */
export function examineHead(request: ParsedRequest, authority: Authority, targetText: string): RequestHead {
  const { method = '' } = request;
  const headers = headerList(request.rawHeaders);
  if (request.httpVersion !== '1.1') malformed(`HTTP/1.1 is spoken here, found ${request.httpVersion}`);
  if (NEVER.has(method)) throw new LockstepError('EGRESS_REFUSED', `the method ${method} passes for no rule`);
  demandHost(headers, authority);
  demandPlainNames(headers);
  const target = readTarget(targetText);
  if (!target)
    malformed(
      'the target should be a path from the root, without a fragment, and without . or .. in any form',
    );
  demandNoUpgrade(headers);
  return { method, target, headers, body: bodyOf(headers) };
}

function malformed(what: string): never {
  throw new LockstepError('MALFORMED_REQUEST', `${what}; the request was not sent on`);
}

function demandHost(headers: HeaderList, authority: Authority): void {
  const [host = '', ...more] = valuesOf(headers, 'host');
  const named = readAuthority(host, authority.port === 80 ? 80 : 443);
  if (more.length > 0 || !named || !sameAuthority(named, authority))
    malformed(`one Host was expected, the one that was connected to: ${authority.host}:${authority.port}`);
}

/** Header names that become one of these in a server that puts headers into variables. */
const FRAMING: ReadonlySet<string> = new Set(['host', 'content-length', 'transfer-encoding', 'connection']);

function demandPlainNames(headers: HeaderList): void {
  for (const [name, value] of headers) {
    if (!/^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/.test(name)) malformed('a header has a name that is none');
    // Line ends would be headers of their own; the rest is read in as many ways as there are readers.
    if (/[^\t\x20-\x7e\x80-\xff]/.test(value)) malformed('a header has a control character in it');
    if (name.includes('_') && FRAMING.has(plainName(name))) malformed('a header of the framing is misspelt');
  }
}

function demandNoUpgrade(headers: HeaderList): void {
  if (valuesOf(headers, 'upgrade').length === 0 && valuesOf(headers, 'http2-settings').length === 0) return;
  throw new LockstepError(
    'NOT_SUPPORTED',
    'websockets and other upgrades do not pass the proxy: what follows them could not be looked at, and would outlive the lease',
  );
}

function bodyOf(headers: HeaderList): RequestHead['body'] {
  const [length, ...lengths] = valuesOf(headers, 'content-length');
  const [coding, ...codings] = valuesOf(headers, 'transfer-encoding');
  if (coding !== undefined) {
    if (length !== undefined || codings.length > 0 || coding.toLowerCase() !== 'chunked')
      malformed('a body is either chunked or has a length, and has no other coding');
    return 'chunked';
  }
  if (length === undefined) return 0;
  if (lengths.length > 0 || !/^\d{1,15}$/.test(length)) malformed('a body has one length, in digits');
  return Number(length);
}
