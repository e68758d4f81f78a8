import { ApiError } from './api-error.ts';
import type { Faults } from './faults.ts';
import type { Presented } from './keyring.ts';
import type { Organization } from './organization.ts';
import { matchRoute, type Match, type Route } from './routes.ts';

/** One request, without its transport. */
export interface DoubleRequest {
  readonly method: string;
  /** Path and query. */
  readonly target: string;
  readonly authorization: string | undefined;
  readonly contentType: string | undefined;
  readonly body: string;
}

/** What came of it, and what the transport and the log need to know. */
export interface DoubleAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: unknown;
  /** The route's template, or `unknown`. */
  readonly route: string;
  /** Whose key it was, if any of ours; never the key. */
  readonly keyId: string | null;
  readonly transport: 'answer' | 'lose' | { readonly delayMs: number };
}

/** What the API needs. */
export interface ApiPorts {
  readonly organization: Organization;
  readonly faults: Faults;
  readonly clock: () => Date;
}

/** Answers one request: what the HTTP server calls, and what tests call without one. */
export function answer(ports: ApiPorts, request: DoubleRequest): DoubleAnswer {
  const value = bearer(request.authorization);
  const presented = value === undefined ? undefined : ports.organization.present(value);
  const outcome = { route: 'unknown', keyId: presented?.key.id ?? null };
  const refuse = (error: ApiError, route: string): DoubleAnswer => ({
    ...outcome,
    route,
    status: error.status,
    headers: error.headers,
    body: error.body(),
    transport: 'answer',
  });
  let match: Match;
  // In front of it, not as its base: a target that begins with two slashes is a path here, and no host.
  const text = `http://double.invalid${request.target}`;
  const url = new URL(request.target.startsWith('/') && URL.canParse(text) ? text : 'http://double.invalid');
  try {
    match = matchRoute(request.method, url.pathname);
  } catch (error) {
    return refuse(asApiError(error), 'unknown');
  }
  const route = match.route.template;
  const fault = ports.faults.take(route);
  if (fault?.do === 'lose-request')
    return { ...outcome, route, status: 0, headers: {}, body: undefined, transport: 'lose' };
  if (fault?.do === 'refuse') return refuse(ordered(fault.status, fault.retryAfter), route);
  const transport = fault?.do === 'lose-answer' ? 'lose' : fault ? { delayMs: fault.milliseconds } : 'answer';
  try {
    const body = run(ports, match, url.searchParams, request, value, presented);
    return { ...outcome, route, status: 200, headers: {}, body, transport };
  } catch (error) {
    return { ...refuse(asApiError(error), route), transport };
  }
}

function run(
  { organization, clock }: ApiPorts,
  { route, ids }: Match,
  search: URLSearchParams,
  request: DoubleRequest,
  value: string | undefined,
  presented: Presented | undefined,
): unknown {
  const { key } = authenticate(route, value, presented);
  organization.touch(key);
  return route.run({ organization, ids, search, body: parsedBody(request), now: clock() });
}

const bearer = (authorization: string | undefined): string | undefined =>
  /^Bearer ([\x21-\x7e]+)$/.exec(authorization ?? '')?.[1];

/** As OpenAI answers: 401 for no key, an unknown one, an ended one, and a known one of the wrong kind. */
function authenticate(route: Route, value: string | undefined, presented: Presented | undefined): Presented {
  if (value === undefined)
    throw new ApiError(
      401,
      "You didn't provide an API key in an Authorization header of the form Bearer KEY.",
    );
  if (!presented?.isTaken) {
    // OpenAI shows both ends of what it was given, so this does: a client must not repeat it.
    const shown = value.length < 24 ? '***' : `${value.slice(0, 3)}***${value.slice(-4)}`;
    throw new ApiError(401, `Incorrect API key provided: ${shown}.`, { code: 'invalid_api_key' });
  }
  const scope = route.scope ?? `api.management.${route.method === 'GET' ? 'read' : 'write'}`;
  if (presented.kind === route.opens && mayUse(presented, route.method, scope)) return presented;
  throw new ApiError(401, `You have insufficient permissions for this operation. Missing scopes: ${scope}.`);
}

/** No scopes are all of them. */
function mayUse({ key: { scopes = [] } }: Presented, method: string, needed: string): boolean {
  if (scopes.length === 0) return true;
  return scopes.includes(needed) || (method === 'GET' && scopes.includes('api.all.read'));
}

function parsedBody({ method, contentType, body }: DoubleRequest): unknown {
  if (method !== 'POST') {
    if (body === '') return undefined;
    throw new ApiError(400, `A ${method} request takes no body here.`);
  }
  if (contentType?.split(';')[0]?.trim().toLowerCase() !== 'application/json')
    throw new ApiError(400, "Unsupported content type: this API takes 'application/json'.");
  try {
    return JSON.parse(body);
  } catch {
    throw new ApiError(400, 'We could not parse the JSON body of your request.');
  }
}

/** An unexpected error of the double itself is a 500 without words: its text could hold what was sent. */
const asApiError = (error: unknown): ApiError => (error instanceof ApiError ? error : ordered(500));

function ordered(status: number, retryAfter?: string): ApiError {
  const headers = retryAfter === undefined ? {} : { 'retry-after': retryAfter };
  if (status === 429)
    return new ApiError(429, 'Rate limit reached.', {
      type: 'requests',
      code: 'rate_limit_exceeded',
      headers,
    });
  return new ApiError(status, 'The server had an error while processing your request.', {
    type: 'server_error',
    headers,
  });
}
