import { LockstepError } from '../core/errors.ts';
import type { Secret } from '../core/secret.ts';
import { networkFailure } from './network-failure.ts';

/** The part of `fetch` that is used. */
export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

/** What talking to an API needs. */
export interface ApiPorts {
  readonly fetch: Fetch;
  /** For one request and its answer together. */
  readonly timeoutMilliseconds?: number;
}

/** One request to an API whose address the inventory declares. */
export interface ApiCall {
  readonly url: string;
  /** The field of the inventory that the address comes from, for whoever has to correct it. */
  readonly field: string;
  readonly method: 'GET' | 'POST' | 'DELETE';
  readonly bearer?: Secret;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: { readonly contentType: string; readonly text: Secret };
  /** What an error is about: a name of the inventory. */
  readonly subject: string;
  /** No answer is waited for beyond this many milliseconds, however long the ports would wait. */
  readonly withinMilliseconds?: number;
}

/** An answer, whatever it says. */
export interface ApiAnswer {
  readonly status: number;
  readonly headers: Headers;
  /** Parsed; `undefined` where it is not JSON: a gateway's page, or nothing. */
  readonly body: unknown;
}

const TIMEOUT_MILLISECONDS = 10_000;
/** A page of a hundred keys is about 60 KB. */
const BODY_BYTES = 4 * 1024 * 1024;

/** Sends one request; never repeats one. */
export type ApiClient = (call: ApiCall) => Promise<ApiAnswer>;

/**
 * Speaks to an API that the inventory names, with an injected `fetch`.
 *
 * Follows no redirect: what authenticates would go with it. Goes over TLS, or to loopback. An answer is returned whatever
 * its status; where there is none, the error is `TARGET_UNREACHABLE` or `TARGET_REFUSES_TLS`, made of error codes alone.
 */
export const apiClient = (ports: ApiPorts): ApiClient =>
  async function call(request) {
    assertSafe(request);
    const response = await answerTo(ports, request);
    return {
      status: response.status,
      headers: response.headers,
      body: await bodyOf(response, request),
    };
  };

function assertSafe({ url: text, field, subject }: ApiCall): void {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isSafe = url?.protocol === 'https:' || (url?.protocol === 'http:' && isLoopback(url.hostname));
  if (isSafe) return;
  throw new LockstepError(
    'INVENTORY_INVALID',
    `${field} of ${subject} should be an https URL (http goes to loopback only); correct it in lockstep.config.ts`,
  );
}

const isLoopback = (host: string): boolean =>
  host === 'localhost' || host === '[::1]' || /^127(\.\d{1,3}){3}$/.test(host);

async function answerTo(
  { fetch, timeoutMilliseconds = TIMEOUT_MILLISECONDS }: ApiPorts,
  { url, method, bearer, headers = {}, body, subject, field, withinMilliseconds = Infinity }: ApiCall,
): Promise<Response> {
  const limit = Math.max(1, Math.floor(Math.min(timeoutMilliseconds, withinMilliseconds)));
  try {
    return await fetch(url, {
      method,
      redirect: 'manual',
      signal: AbortSignal.timeout(limit),
      headers: {
        ...(bearer === undefined ? {} : { authorization: `Bearer ${bearer.reveal()}` }),
        'user-agent': 'lockstep',
        ...headers,
        ...(body === undefined ? {} : { 'content-type': body.contentType }),
      },
      ...(body === undefined ? {} : { body: body.text.reveal() }),
    });
  } catch (error) {
    throw unreachable(subject, field, error);
  }
}

/** No cause is kept: an error of `fetch` about a header quotes the header, and that holds the key. */
function unreachable(subject: string, field: string, error: unknown): LockstepError {
  const { kind, code } = networkFailure(error);
  if (kind === 'tls') {
    return new LockstepError(
      'TARGET_REFUSES_TLS',
      `the API of ${subject} has no certificate that we trust (${code}); correct ${field}, or its certificate`,
    );
  }
  return new LockstepError(
    'TARGET_UNREACHABLE',
    `the API of ${subject} gave no answer: ${kind} (${code}); whether the request arrived is unknown, it will be tried again`,
  );
}

async function bodyOf(response: Response, { subject, field }: ApiCall): Promise<unknown> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    for await (const chunk of response.body ?? []) {
      size += chunk.length;
      if (size > BODY_BYTES) {
        throw new LockstepError(
          'TARGET_REFUSED',
          `the API of ${subject} answered with more than ${BODY_BYTES} bytes; is ${field} its API?`,
        );
      }
      chunks.push(chunk);
    }
  } catch (error) {
    throw error instanceof LockstepError ? error : unreachable(subject, field, error);
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8'));
  } catch {
    // The parser's message would quote it.
    return undefined;
  }
}

/** What support asks for. It comes from outside, so only the form of an id passes. */
export function requestIdText(headers: Headers, name: string): string {
  const id = headers.get(name) ?? '';
  return /^[A-Za-z0-9:_-]{1,64}$/.test(id) ? ` (request ${id})` : '';
}
