import type { Credential } from '../../../lambdas/core/credential.ts';
import { LockstepError } from '../../../lambdas/core/errors.ts';
import type { HeldVersion, Issued, Rotator, RotatorRequest } from '../../../lambdas/core/ports/rotator.ts';
import { Secret } from '../../../lambdas/core/secret.ts';
import { openaiAuthorityRotator } from '../../../lambdas/rotators/openai/authority-rotator.ts';
import type { Fetch } from '../../../lambdas/outbound/api-call.ts';
import { openaiRotator } from '../../../lambdas/rotators/openai/rotator.ts';
import { answer } from '../../../embedded/openai-double/api.ts';
import { createFaults, type FaultControl } from '../../../embedded/openai-double/faults.ts';
import { Organization } from '../../../embedded/openai-double/organization.ts';
import { EMPTY, type Limits } from '../../../embedded/openai-double/stored.ts';
import { countedBytes, token } from '../../fakes/counted-ids.ts';
import { MARK } from '../../fakes/marks.ts';

export const API_URL = 'https://api.openai.test/v1';
export const PROJECT = 'proj_agents';
export const FIRST_ADMIN = { id: 'key_first', value: 'sk-admin-not-a-real-key-of-anybody' };

/** One request that reached the double. */
interface Asked {
  readonly route: string;
  readonly status: number;
  readonly keyId: string | null;
}

/** The rotators on the double, without sockets, in a time that only sleeping lets pass. */
export interface World {
  readonly faults: FaultControl;
  readonly organization: Organization;
  readonly asked: Asked[];
  /** What was slept, in milliseconds. */
  readonly slept: number[];
  readonly fetch: Fetch;
  readonly clock: () => Date;
  readonly sleep: (milliseconds: number) => Promise<void>;
  readonly rotator: Rotator;
  readonly authority: Rotator;
  /** What a vault would hold of the authority: current first, then pending. */
  adminValues: Secret[];
  pass(seconds: number): void;
  request(token?: string, credential?: string): RotatorRequest;
  authorityRequest(token?: string): RotatorRequest;
}

export const adminValue = ({ id, value }: { readonly id: string; readonly value: string }): Secret =>
  new Secret(JSON.stringify({ adminKey: value, keyId: id }));

export const held = (version: string, { key, value }: Issued): HeldVersion => ({ version, key, value });

export function aWorld(limits: Partial<Limits> = {}): World {
  let now = Date.parse('2026-01-01T00:00:00.000Z');
  const clock = (): Date => new Date(now);
  const faults = createFaults();
  const asked: Asked[] = [];
  const slept: number[] = [];
  const organization = new Organization({
    clock,
    randomBytes: countedBytes(),
    faults,
    limits,
    stored: EMPTY,
    save: () => undefined,
  });
  organization.seed({ projects: [PROJECT], adminKeys: [FIRST_ADMIN] });
  const fetch = fetchOf({ organization, faults, clock }, asked);
  const sleep = (milliseconds: number): Promise<void> => {
    slept.push(milliseconds);
    now += milliseconds;
    return Promise.resolve();
  };
  const world: World = {
    faults,
    organization,
    asked,
    slept,
    fetch,
    clock,
    sleep,
    rotator: openaiRotator({ fetch, clock, sleep }),
    authority: openaiAuthorityRotator({ fetch, clock, sleep }),
    adminValues: [adminValue(FIRST_ADMIN)],
    pass: (seconds) => (now += seconds * 1000),
    request: (of = token(1), name = 'openai-agents') => ({
      environment: 'staging',
      mark: MARK,
      credential: credentialOf(name, 'openai', { apiUrl: API_URL, project: PROJECT }),
      token: of,
      fence: 1,
      withAuthority: (use) => useAuthority(world.adminValues, use),
    }),
    authorityRequest: (of = token(1)) => ({
      ...world.request(of),
      credential: credentialOf('openai-admin', 'openai-authority', { apiUrl: API_URL }),
    }),
  };
  return world;
}

const credentialOf = (name: string, kind: string, target: Credential['target']): Credential =>
  ({ name, kind, family: 'openai', target, dependents: [] }) as unknown as Credential;

/** As the port says: the current value, and, only where that login is refused, the pending one. */
async function useAuthority<T>(
  [current, pending]: readonly Secret[],
  use: (value: Secret) => Promise<T>,
): Promise<T> {
  try {
    return await use(current ?? new Secret(''));
  } catch (error) {
    const isRefused = error instanceof LockstepError && error.code === 'TARGET_REFUSES_LOGIN';
    if (isRefused && pending) return use(pending);
    throw error;
  }
}

/** `fetch` with the double behind it. Judges each call: TLS, no redirects, a limit of time. */
function fetchOf(ports: Parameters<typeof answer>[0], asked: Asked[]): Fetch {
  return (url, init) => {
    if (init.redirect !== 'manual' || !(init.signal instanceof AbortSignal))
      throw new Error('a call follows redirects, or has no limit of time');
    const headers = new Headers(init.headers);
    const { pathname, search, origin } = new URL(url);
    if (origin !== new URL(API_URL).origin) throw new Error('a call went elsewhere');
    const answered = answer(ports, {
      method: init.method ?? 'GET',
      target: `${pathname}${search}`,
      authorization: headers.get('authorization') ?? undefined,
      contentType: headers.get('content-type') ?? undefined,
      body: typeof init.body === 'string' ? init.body : '',
    });
    const { route, status, keyId, transport } = answered;
    asked.push({ route, status: transport === 'lose' ? 0 : status, keyId });
    if (transport === 'lose')
      return Promise.reject(
        new TypeError('fetch failed', {
          cause: Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' }),
        }),
      );
    return Promise.resolve(
      new Response(JSON.stringify(answered.body), {
        status,
        headers: { ...answered.headers, 'x-request-id': 'req_double_1' },
      }),
    );
  };
}
