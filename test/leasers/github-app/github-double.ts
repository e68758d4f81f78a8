import { randomBytes } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import type { Fetch } from '../../../lambdas/outbound/api-call.ts';
import type { Clock } from '../../../lambdas/core/time.ts';
import { readTokenAsk, type Level, type TokenAsk } from './read-token-ask.ts';
import { verifyAppToken } from './verify-app-token.ts';

/** An App that the double knows, and where it is installed. */
export interface DoubleApp {
  readonly id: number;
  readonly clientId: string;
  readonly publicKey: KeyObject;
  readonly installations: readonly DoubleInstallation[];
}

/** An installation: its account, and what it has given the App. */
export interface DoubleInstallation {
  readonly id: number;
  readonly account: string;
  readonly repositories: readonly string[];
  readonly permissions: Readonly<Record<string, Level>>;
  readonly isSuspended?: boolean;
}

interface Made {
  readonly token: string;
  readonly account: string;
  readonly repositories: readonly string[];
  readonly permissions: Readonly<Record<string, Level>>;
  readonly expiresAtMs: number;
  isEnded: boolean;
}

/** What happens to a request instead of its answer. */
export type Instead =
  /** The connection ends before anything happened. */
  | 'lose-request'
  /** Everything happens, and then the connection ends. */
  | 'lose-answer'
  /** This is answered, and nothing happens. */
  | { readonly status: number; readonly headers?: Readonly<Record<string, string>>; readonly body?: object }
  /** Everything happens, and this is put over the answer. */
  | { readonly over: Readonly<Record<string, unknown>> };

/** A double of GitHub that we wrote from its description of the REST API (2022-11-28): it keeps tokens and judges their use. */
export interface GithubDouble {
  readonly fetch: Fetch;
  /** What tokens were asked for. */
  readonly asked: readonly TokenAsk[];
  readonly made: readonly Made[];
  /** Offences against the description. A suite that leaves any has failed. */
  readonly violations: readonly string[];
  next(...instead: readonly Instead[]): void;
  /** What the API says to a holder who does something to a repository. */
  allows(token: string, repository: string, permission: string, level: Level): boolean;
}

const ORDER: readonly Level[] = ['read', 'write', 'admin'];

export function githubDouble(base: string, apps: readonly DoubleApp[], clock: Clock): GithubDouble {
  const asked: TokenAsk[] = [];
  const made: Made[] = [];
  const violations: string[] = [];
  const next: Instead[] = [];
  const seconds = (): number => Math.floor(clock().getTime() / 1000);
  const answer = async (request: Asked): Promise<Answer> => {
    const { method, path, bearer } = request;
    if (method === 'DELETE' && path === '/installation/token') return endToken(made, bearer, clock());
    const app = await verifyAppToken(apps, bearer, seconds());
    if (!app) return { status: 401, body: { message: `A JSON web token could not be decoded: ${bearer}` } };
    if (method === 'GET' && path === '/app') return { status: 200, body: appBody(app) };
    const id = /^\/app\/installations\/(\d+)\/access_tokens$/.exec(path)?.[1];
    if (method !== 'POST' || id === undefined)
      throw new Error(`${method} ${path} is not expected of this leaser`);
    const ask = readTokenAsk(request.body);
    asked.push(ask);
    return makeToken(app, Number(id), ask, made, seconds());
  };
  return {
    asked,
    made,
    violations,
    next: (...instead) => void next.push(...instead),
    allows: (token, repository, permission, level) => {
      const found = made.find((each) => each.token === token);
      if (!found || found.isEnded || clock().getTime() >= found.expiresAtMs) return false;
      const given = found.permissions[permission];
      const isOf = found.repositories.some((name) => `${found.account}/${name}` === repository);
      return isOf && given !== undefined && ORDER.indexOf(given) >= ORDER.indexOf(level);
    },
    fetch: async (url, init) => {
      const instead = next.shift();
      if (instead === 'lose-request') throw lost();
      if (instead !== undefined && instead !== 'lose-answer' && 'status' in instead) return response(instead);
      try {
        const answered = await answer(readRequest(base, url, init));
        if (instead === 'lose-answer') throw lost();
        const over = instead !== undefined && 'over' in instead ? instead.over : {};
        return response({ ...answered, body: { ...answered.body, ...over } });
      } catch (error) {
        if (error instanceof TypeError) throw error;
        violations.push(error instanceof Error ? error.message : String(error));
        return response({ status: 400, body: { message: 'see the test' } });
      }
    },
  };
}

/** As undici says that a connection ended. */
const lost = (): TypeError =>
  new TypeError('fetch failed', {
    cause: Object.assign(new Error('other side closed'), { code: 'UND_ERR_SOCKET' }),
  });

interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: object;
}

const response = ({ status, headers = {}, body }: Answer): Response =>
  new Response(status === 204 ? null : JSON.stringify(body ?? {}), { status, headers: { ...headers } });

interface Asked {
  readonly method: string;
  readonly path: string;
  readonly bearer: string;
  readonly body: unknown;
}

function readRequest(
  base: string,
  url: string,
  { method = 'GET', headers, body, redirect }: RequestInit,
): Asked {
  const sent = new Headers(headers);
  if (!url.startsWith(`${base}/`) || url.includes('?')) throw new Error('a request to another place');
  if (redirect !== 'manual') throw new Error('a redirect would be followed with what authenticates');
  if (sent.get('accept') !== 'application/vnd.github+json') throw new Error('accept is not as it should be');
  if (sent.get('x-github-api-version') !== '2022-11-28')
    throw new Error('no version of the API was asked for');
  if ((sent.get('user-agent') ?? '') === '') throw new Error('GitHub refuses requests without a user agent');
  const bearer = /^Bearer ([\w.-]+)$/.exec(sent.get('authorization') ?? '')?.[1];
  if (bearer === undefined) throw new Error('a request without a bearer token');
  return {
    method,
    path: url.slice(base.length),
    bearer,
    body: typeof body === 'string' ? JSON.parse(body) : undefined,
  };
}

const appBody = ({ id, clientId }: DoubleApp): object => ({
  id,
  client_id: clientId,
  slug: 'leases',
  permissions: {},
  events: [],
});

function endToken(made: readonly Made[], bearer: string, now: Date): Answer {
  const found = made.find(({ token }) => token === bearer);
  if (!found || found.isEnded || now.getTime() >= found.expiresAtMs)
    return { status: 401, body: { message: 'Bad credentials' } };
  found.isEnded = true;
  return { status: 204 };
}

function makeToken(app: DoubleApp, id: number, ask: TokenAsk, made: Made[], now: number): Answer {
  const installation = app.installations.find((each) => each.id === id);
  if (!installation) return { status: 404, body: { message: 'Not Found' } };
  const { account, repositories, permissions, isSuspended = false } = installation;
  if (isSuspended) return { status: 403, body: { message: 'This installation has been suspended' } };
  const isGiven = (name: string, level: Level): boolean => {
    const given = permissions[name];
    return given !== undefined && ORDER.indexOf(given) >= ORDER.indexOf(level);
  };
  if (ask.repositories.some((name) => !repositories.includes(name)))
    return {
      status: 422,
      body: { message: `There is at least one repository that does not exist: ${ask.repositories.join()}` },
    };
  if (Object.entries(ask.permissions).some(([name, level]) => !isGiven(name, level)))
    return {
      status: 422,
      body: { message: 'The permissions requested are not granted to this installation.' },
    };
  const token = `ghs_double${randomBytes(24).toString('hex')}`;
  const granted: Readonly<Record<string, Level>> = { metadata: 'read', ...ask.permissions };
  made.push({
    token,
    account,
    repositories: ask.repositories,
    permissions: granted,
    expiresAtMs: (now + 3600) * 1000,
    isEnded: false,
  });
  return {
    status: 201,
    body: {
      token,
      expires_at: new Date((now + 3600) * 1000).toISOString().replace('.000Z', 'Z'),
      permissions: granted,
      repository_selection: 'selected',
      repositories: ask.repositories.map((name, index) => ({
        id: index + 1,
        name,
        full_name: `${account}/${name}`,
        private: true,
      })),
    },
  };
}
