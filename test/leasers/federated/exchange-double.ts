import { randomBytes } from 'node:crypto';
import type { Fetch } from '../../../lambdas/outbound/api-call.ts';
import type { Clock } from '../../../lambdas/core/time.ts';
import { isTrusted } from './issuer-double.ts';
import { KNOWN, readExchange, type ServiceRequest } from './service-forms.ts';

/** What happens to a request instead of its answer. */
type Instead =
  | 'lose-request'
  | 'lose-answer'
  | { readonly status: number; readonly headers?: Readonly<Record<string, string>>; readonly body?: object }
  /** Everything happens, and this is put over the answer; `undefined` takes a field away. */
  | { readonly over: Readonly<Record<string, unknown>> };

interface Given {
  readonly token: string;
  readonly host: string;
  readonly scope?: string;
  readonly expiresAtMs: number;
}

/** Doubles of services that exchange tokens, which we wrote from what is published of each: they verify, give and judge. */
export interface ExchangeDouble {
  readonly fetch: Fetch;
  readonly requests: readonly ServiceRequest[];
  readonly given: readonly Given[];
  /** Offences against what is published. A suite that leaves any has failed. */
  readonly violations: readonly string[];
  next(...instead: readonly Instead[]): void;
  /** How long the next tokens live, in seconds. */
  lives(seconds: number): void;
  /** What a service says to whoever shows a token. */
  accepts(token: string): boolean;
}

interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: object;
}

const IMPERSONATE = /^\/v1\/projects\/-\/serviceAccounts\/([^/:]+):generateAccessToken$/;

export function exchangeDouble(clock: Clock): ExchangeDouble {
  const requests: ServiceRequest[] = [];
  const given: Given[] = [];
  const violations: string[] = [];
  const next: Instead[] = [];
  let life = 300;
  const give = (host: string, scope: string | undefined, seconds: number): Given => {
    const made = {
      token: `double${randomBytes(24).toString('hex')}`,
      host,
      ...(scope === undefined ? {} : { scope }),
      expiresAtMs: clock().getTime() + seconds * 1000,
    };
    given.push(made);
    return made;
  };
  const isLive = (token: string): Given | undefined =>
    given.find((each) => each.token === token && clock().getTime() < each.expiresAtMs);
  const answer = async (request: ServiceRequest): Promise<Answer> => {
    const { host, pathname } = request.url;
    if (host === 'iamcredentials.googleapis.com') return impersonate(request, pathname, isLive, give);
    const { token, scope, isKnown } = readExchange(request);
    // What is refused is quoted, as some services do.
    if (!isKnown || !(await isTrusted(token, clock()))) return refusal(host, token);
    return answerOf(host, give(host, scope, life).token, scope, life);
  };
  return {
    requests,
    given,
    violations,
    next: (...instead) => void next.push(...instead),
    lives: (seconds) => void (life = seconds),
    accepts: (token) => isLive(token) !== undefined,
    fetch: async (url, init) => {
      const instead = next.shift();
      if (instead === 'lose-request') throw lost();
      if (instead !== undefined && instead !== 'lose-answer' && 'status' in instead) return response(instead);
      try {
        const request = readRequest(url, init);
        requests.push(request);
        const answered = await answer(request);
        if (instead === 'lose-answer') throw lost();
        const over = instead !== undefined && 'over' in instead ? instead.over : {};
        return response({ ...answered, body: { ...answered.body, ...over } });
      } catch (error) {
        if (error instanceof TypeError) throw error;
        violations.push(error instanceof Error ? error.message : String(error));
        return response({ status: 400, body: { error: 'invalid_request' } });
      }
    },
  };
}

function readRequest(url: string, { method, headers, body, redirect }: RequestInit): ServiceRequest {
  if (method !== 'POST') throw new Error('an exchange is posted');
  if (redirect !== 'manual') throw new Error('a redirect would be followed with the token');
  if (typeof body !== 'string') throw new Error('an exchange without a body');
  return { url: new URL(url), headers: new Headers(headers), body };
}

/** As undici says that a connection ended. */
const lost = (): TypeError =>
  new TypeError('fetch failed', {
    cause: Object.assign(new Error('other side closed'), { code: 'UND_ERR_SOCKET' }),
  });

const response = ({ status, headers = {}, body = {} }: Answer): Response =>
  new Response(JSON.stringify(body), { status, headers: { ...headers } });

const refusal = (host: string, token: string): Answer =>
  host === 'sts.acme.test' || host === 'sts.googleapis.com'
    ? { status: 400, body: { error: 'invalid_grant', error_description: `not taken: ${token}` } }
    : { status: 401, body: { error: 'invalid_client', error_description: `not taken: ${token}` } };

/** What each service answers with, as far as its documentation shows it. */
function answerOf(host: string, token: string, scope: string | undefined, seconds: number): Answer {
  const plain = { access_token: token, token_type: 'Bearer', expires_in: seconds };
  const issued = { issued_token_type: 'urn:ietf:params:oauth:token-type:access_token' };
  switch (host) {
    case 'login.microsoftonline.com':
      return { status: 200, body: { ...plain, ext_expires_in: seconds } };
    case 'sts.acme.test':
      return {
        status: 200,
        body: {
          ...plain,
          ...issued,
          ...(scope === undefined ? {} : { scope }),
          refresh_token: `refresh-${token}`,
        },
      };
    default:
      return { status: 200, body: { ...plain, ...issued } };
  }
}

/** https://cloud.google.com/iam/docs/reference/credentials/rest/v1/projects.serviceAccounts/generateAccessToken */
function impersonate(
  { headers, body }: ServiceRequest,
  path: string,
  isLive: (token: string) => Given | undefined,
  give: (host: string, scope: string | undefined, seconds: number) => Given,
): Answer {
  const account = decodeURIComponent(IMPERSONATE.exec(path)?.[1] ?? '');
  const bearer = isLive(headers.get('authorization')?.replace('Bearer ', '') ?? '');
  const { scope, lifetime, ...others } = JSON.parse(body) as Readonly<Record<string, unknown>>;
  const seconds = Number(/^(\d+)s$/.exec(String(lifetime))?.[1]);
  if (Object.keys(others).length > 0 || !Array.isArray(scope) || scope.length === 0)
    throw new Error('a request for a token of a service account that is not as it should be');
  if (!(seconds > 0 && seconds <= 3600)) throw new Error('a lifetime that Google does not take');
  if (bearer?.host !== 'sts.googleapis.com' || bearer.scope !== 'https://www.googleapis.com/auth/iam')
    return { status: 401, body: { error: { code: 401, status: 'UNAUTHENTICATED' } } };
  if (account !== KNOWN.googleAccount)
    return { status: 403, body: { error: { code: 403, status: 'PERMISSION_DENIED' } } };
  const { token, expiresAtMs } = give('iamcredentials.googleapis.com', scope.join(' '), seconds);
  return { status: 200, body: { accessToken: token, expireTime: new Date(expiresAtMs).toISOString() } };
}
