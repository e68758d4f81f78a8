import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createFaults, type FaultControl } from '../../embedded/openai-double/faults.ts';
import { startOpenaiDouble, type RunningDouble } from '../../embedded/openai-double/openai-double.ts';
import type { Credential } from '../../lambdas/core/credential.ts';
import type { LockstepError } from '../../lambdas/core/errors.ts';
import type { RotatorRequest } from '../../lambdas/core/ports/rotator.ts';
import { Secret } from '../../lambdas/core/secret.ts';
import { openaiAuthorityRotator } from '../../lambdas/rotators/openai/authority-rotator.ts';
import { openaiRotator } from '../../lambdas/rotators/openai/rotator.ts';
import { token } from '../fakes/counted-ids.ts';
import { MARK } from '../fakes/marks.ts';

const PROJECT = 'proj_agents';
const ADMIN = { id: 'key_first', value: 'sk-admin-not-a-real-key-of-anybody' };
const clock = (): Date => new Date();
const rotator = openaiRotator({ fetch, clock, sleep, timeoutMilliseconds: 1000 });
const authority = openaiAuthorityRotator({ fetch, clock, sleep, timeoutMilliseconds: 1000 });

let folder: string;
let faults: FaultControl;
let double: RunningDouble;
let admin: Secret;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'lockstep-openai-'));
  faults = createFaults();
  admin = new Secret(JSON.stringify({ adminKey: ADMIN.value, keyId: ADMIN.id }));
  double = await startOpenaiDouble({ folder, faults, seed: { projects: [PROJECT], adminKeys: [ADMIN] } });
});
afterEach(async () => {
  await double.stop();
  rmSync(folder, { recursive: true, force: true });
});

const request = (of: string): RotatorRequest => ({
  environment: 'staging',
  mark: MARK,
  credential: {
    name: 'openai-agents',
    kind: 'openai',
    target: { apiUrl: double.apiUrl, project: PROJECT },
    dependents: [],
  } as unknown as Credential,
  token: of,
  fence: 1,
  withAuthority: (use) => use(admin),
});
const authorityRequest = (of: string): RotatorRequest => {
  const { credential, ...rest } = request(of);
  return { ...rest, credential: { ...credential, name: 'openai-admin', target: { apiUrl: double.apiUrl } } };
};

const failure = async (promise: Promise<unknown>): Promise<LockstepError> =>
  promise.then(
    () => Promise.reject(new Error('expected a failure')),
    (error: LockstepError) => error,
  );

async function issued(of: string) {
  const version = { version: of, ...(await rotator.issue(request(of), undefined)) };
  await rotator.verify(request(of), version);
  return version;
}

/** What `research-agent` does all the time. */
async function complete(value: Secret): Promise<number> {
  const { apiKey } = JSON.parse(value.reveal()) as { apiKey: string };
  const response = await fetch(`${double.apiUrl}/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'gpt-double', messages: [{ role: 'user', content: 'go on' }] }),
  });
  await response.text();
  return response.status;
}

describe('a key over HTTP', () => {
  it('is minted, used beside its predecessor, and the predecessor ended, without one failed call', async () => {
    const old = await issued(token(1));
    const young = await issued(token(2));
    expect([await complete(old.value), await complete(young.value)]).toEqual([200, 200]);
    const seen = await rotator.observe(request(token(2)), { successor: young, predecessor: old }, []);
    expect(seen.predecessor.lastUsedAt).toBeDefined();
    await rotator.revoke(request(token(2)), old);
    expect(await rotator.proveRefused(request(token(2)), old)).toBe('refused');
    expect([await complete(young.value), await complete(old.value)]).toEqual([200, 401]);
  });

  it('is waited for while the provider is late, in both directions', async () => {
    await sleep(700);
    faults.delay({ newKeyMs: 600, revocationMs: 600 });
    const version = await issued(token(1));
    await rotator.revoke(request(token(1)), version);
    expect(await complete(version.value)).toBe(200);
    expect(await rotator.proveRefused(request(token(1)), version)).toBe('refused');
  });

  it('whose answer is lost on the wire, or comes too late, is found again by its name', async () => {
    const MINT = 'POST /organization/projects/{id}/service_accounts';
    for (const fault of [{ do: 'lose-answer' }, { do: 'slow', milliseconds: 1500 }] as const) {
      faults.order(MINT, fault);
      expect(await failure(rotator.issue(request(token(1)), undefined))).toMatchObject({
        code: 'TARGET_UNREACHABLE',
        remedy: 'retry',
      });
    }
    const kept = await issued(token(1));
    const ours = await rotator.listOurs(request(token(1)));
    expect(ours).toHaveLength(3);
    for (const { key } of ours.filter((each) => each.key !== kept.key))
      await rotator.revoke(request(token(1)), { version: token(1), key });
    expect(await rotator.listOurs(request(token(1)))).toHaveLength(1);
    expect(await complete(kept.value)).toBe(200);
  });

  it('cannot be reached where nobody listens', async () => {
    const port = double.port;
    await double.stop();
    expect(await failure(rotator.issue(request(token(1)), undefined))).toMatchObject({
      code: 'TARGET_UNREACHABLE',
      message: expect.stringContaining('ECONNREFUSED'),
    });
    double = await startOpenaiDouble({ folder, port });
  });
});

describe('the authority over HTTP', () => {
  it('mints its successor, which ends it and goes on minting', async () => {
    const first = { version: token(1), key: ADMIN.id, value: admin };
    const issuedKey = await authority.issue(authorityRequest(token(2)), first);
    const successor = { version: token(2), ...issuedKey };
    await authority.verify(authorityRequest(token(2)), successor);
    admin = successor.value;
    await authority.revoke(authorityRequest(token(2)), first);
    expect(await authority.proveRefused(authorityRequest(token(2)), first)).toBe('refused');
    expect(await complete((await issued(token(3))).value)).toBe(200);
  });
});

describe('the double behind it', () => {
  it('says what it is in every answer', async () => {
    for (const path of ['/models', '/nowhere']) {
      const response = await fetch(`${double.apiUrl}${path}`);
      expect(response.headers.get('x-lockstep-double')).toBe('openai');
      expect(await response.text()).toContain('[Lockstep double of OpenAI]');
    }
  });

  it('has logged every call before it was answered: route, status, key and caller, and no key', async () => {
    const version = await issued(token(1));
    await complete(version.value);
    await rotator.revoke(request(token(1)), version);
    await complete(version.value);
    const { keyId, apiKey } = JSON.parse(version.value.reveal()) as { keyId: string; apiKey: string };
    const calls = double.requests().filter(({ route }) => route === 'POST /chat/completions');
    expect(calls).toMatchObject([
      { method: 'POST', status: 200, keyId, caller: 'other', clientPort: expect.any(Number) },
      { method: 'POST', status: 401, keyId, caller: 'other' },
    ]);
    const own = double.requests().filter(({ caller }) => caller === 'lockstep');
    expect(own.map(({ route }) => route)).toContain('GET /models');
    const text = JSON.stringify(double.requests());
    for (const key of [apiKey, ADMIN.value]) expect(text).not.toContain(key);
  });

  it('refuses a body that is too long', async () => {
    const body = JSON.stringify({ name: 'x'.repeat(2 * 1024 * 1024) });
    const headers = { authorization: `Bearer ${ADMIN.value}`, 'content-type': 'application/json' };
    const answered = await fetch(`${double.apiUrl}/organization/admin_api_keys`, {
      method: 'POST',
      headers,
      body,
    }).then(
      ({ status }) => status,
      // It hangs up on the rest; whether the client has read the answer by then is a race.
      () => 413,
    );
    expect(answered).toBe(413);
    expect(await authority.listOurs(authorityRequest(token(1)))).toEqual([]);
  });
});
