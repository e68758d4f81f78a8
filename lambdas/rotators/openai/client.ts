import { LockstepError } from '../../core/errors.ts';
import type { Secret } from '../../core/secret.ts';
import type { Clock } from '../../core/time.ts';
import { networkFailure } from '../../outbound/network-failure.ts';
import { refusalOf } from './refusal.ts';

/** The part of `fetch` that is used. */
export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

/** What talking to the provider needs. */
export interface OpenaiClientPorts {
  readonly fetch: Fetch;
  readonly clock: Clock;
  /** For one request and its answer together. */
  readonly timeoutMilliseconds?: number;
}

/** One request. */
export interface OpenaiCall {
  /** The base of the API, as the inventory declares it. */
  readonly apiUrl: string;
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** Segments after the base; each is escaped. */
  readonly path: readonly string[];
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: Readonly<Record<string, unknown>>;
  readonly bearer: Secret;
  /** What an error is about: the name of a credential. */
  readonly subject: string;
}

/** A success with its parsed body, or nothing of that name: 404 is an answer. */
type OpenaiAnswer = { readonly found: true; readonly body: unknown } | { readonly found: false };

const TIMEOUT_MILLISECONDS = 10_000;
/** A page of a hundred keys is about 60 KB. */
const BODY_BYTES = 4 * 1024 * 1024;

/** Sends one request; never repeats one. A lost answer to a mint is the caller's to reap. */
export type OpenaiClient = (call: OpenaiCall) => Promise<OpenaiAnswer>;

/**
 * Speaks to OpenAI's API, with an injected `fetch`.
 *
 * Follows no redirect: the key would go with it. Keys go over TLS, or to loopback. Errors are `TARGET_…`, made
 * of the status and of a request id; what the provider says in words is not repeated, because it repeats keys.
 */
export const openaiClient = (ports: OpenaiClientPorts): OpenaiClient =>
  async function call(request) {
    const url = urlOf(request);
    const response = await answerTo(ports, url, request);
    const body = await bodyOf(response, request.subject);
    if (response.status === 404 && isOfTheApi(body)) return { found: false };
    if (response.status < 200 || response.status > 299)
      throw refusalOf(request.subject, response, body, ports.clock());
    return { found: true, body };
  };

/** A 404 of something else that answers at that address says nothing about a key. */
const isOfTheApi = (body: unknown): boolean =>
  typeof body === 'object' && body !== null && Object.hasOwn(body, 'error');

function urlOf({ apiUrl, path, query = {}, subject }: OpenaiCall): string {
  const base = URL.canParse(apiUrl) ? new URL(apiUrl) : undefined;
  const isSafe = base?.protocol === 'https:' || (base?.protocol === 'http:' && isLoopback(base.hostname));
  if (!isSafe) {
    throw new LockstepError(
      'INVENTORY_INVALID',
      `apiUrl of ${subject} should be an https URL (http goes to loopback only); correct it in lockstep.config.ts`,
    );
  }
  const search = new URLSearchParams(query).toString();
  return `${apiUrl}/${path.map(encodeURIComponent).join('/')}${search === '' ? '' : `?${search}`}`;
}

const isLoopback = (host: string): boolean =>
  host === 'localhost' || host === '[::1]' || /^127(\.\d{1,3}){3}$/.test(host);

async function answerTo(
  { fetch, timeoutMilliseconds = TIMEOUT_MILLISECONDS }: OpenaiClientPorts,
  url: string,
  { method, bearer, body, subject }: OpenaiCall,
): Promise<Response> {
  try {
    return await fetch(url, {
      method,
      redirect: 'manual',
      signal: AbortSignal.timeout(timeoutMilliseconds),
      headers: {
        authorization: `Bearer ${bearer.reveal()}`,
        'user-agent': 'lockstep',
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  } catch (error) {
    throw unreachable(subject, error);
  }
}

/** No cause is kept: an error of `fetch` about a header quotes the header, and that holds the key. */
function unreachable(subject: string, error: unknown): LockstepError {
  const { kind, code } = networkFailure(error);
  if (kind === 'tls') {
    return new LockstepError(
      'TARGET_REFUSES_TLS',
      `the API of ${subject} has no certificate that we trust (${code}); correct apiUrl, or its certificate`,
    );
  }
  return new LockstepError(
    'TARGET_UNREACHABLE',
    `the API of ${subject} gave no answer: ${kind} (${code}); whether the request arrived is unknown, it will be tried again`,
  );
}

/** The parsed body, `undefined` where it is not JSON. */
async function bodyOf(response: Response, subject: string): Promise<unknown> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    for await (const chunk of response.body ?? []) {
      size += chunk.length;
      if (size > BODY_BYTES) {
        throw new LockstepError(
          'TARGET_REFUSED',
          `the API of ${subject} answered with more than ${BODY_BYTES} bytes; is apiUrl its API?`,
        );
      }
      chunks.push(chunk);
    }
  } catch (error) {
    throw error instanceof LockstepError ? error : unreachable(subject, error);
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8'));
  } catch {
    // A gateway's page, or nothing. The parser's message would quote it.
    return undefined;
  }
}
