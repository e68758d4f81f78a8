import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Secret } from '../../../lambdas/core/secret.ts';
import { federatedLeaser } from '../../../lambdas/leasers/federated/leaser.ts';
import { codeOf } from '../../ports/under-test.ts';
import { leaseAuthorityOf } from '../a-leasable.ts';
import { inMinutes } from '../in-minutes.ts';
import { aFederatedWorld, EXCHANGES } from './a-world.ts';
import { holderTokenOf } from './issuer-double.ts';

type World = ReturnType<typeof aFederatedWorld>;
let world: World;
beforeEach(() => {
  world = aFederatedWorld();
});
afterEach(() => world.cleanUp());

describe('a token that is leased', () => {
  it.each(Object.entries(EXCHANGES))('of %s works, and says until when', async (_name, exchange) => {
    const of = world.request(exchange);
    const { key, value, expiresAt } = await world.issue(of);
    expect(key).toBe(`${exchange.service}/${of.leaseId}`);
    expect(expiresAt).toBe('2026-01-01T00:05:00.000Z');
    expect(JSON.parse(value.reveal())).toEqual({ accessToken: expect.any(String), expiresAt });
    expect(world.accepts(value)).toBe(true);
  });

  it('is handed over alone: what could make others out of it is left behind', async () => {
    const { value } = await world.issue(world.request(EXCHANGES.rfc8693));
    expect(value.reveal()).not.toContain('refresh');
  });

  it('of a service account ends with its lease, and the one that asked for it can do nothing else', async () => {
    world.services.lives(3600);
    const { value, expiresAt } = await world.issue(world.request(EXCHANGES['google, as a service account']));
    expect(expiresAt).toBe('2026-01-01T00:05:00.000Z');
    expect(world.services.given.map(({ scope }) => scope)).toEqual([
      'https://www.googleapis.com/auth/iam',
      'https://www.googleapis.com/auth/devstorage.read_only',
    ]);
    expect(world.accepts(value)).toBe(true);
  });

  it('whose answer is lost is one that nobody has, and the next one works', async () => {
    const of = world.request();
    world.services.next('lose-answer');
    expect(await codeOf(world.issue(of))).toBe('TARGET_UNREACHABLE');
    const { value } = await world.issue({ ...of, fence: 2 });
    expect(world.accepts(value)).toBe(true);
    expect(world.services.given).toHaveLength(2);
  });

  it('whose request is lost was never given', async () => {
    world.services.next('lose-request');
    expect(await codeOf(world.issue())).toBe('TARGET_UNREACHABLE');
    expect(world.services.given).toEqual([]);
  });

  it('of OpenAI that does not say how long it lives is taken for an hour', async () => {
    world.services.next({ over: { expires_in: undefined } });
    const { expiresAt } = await world.issue(world.request(EXCHANGES.openai), undefined, 60);
    expect(expiresAt).toBe('2026-01-01T01:00:00.000Z');
  });

  it('is exchanged as the server is told to: for a resource, as a client, under the name of its kind', async () => {
    const tokenType = 'urn:ietf:params:oauth:token-type:id_token';
    const more = {
      tokenType,
      resource: 'https://vectors.acme.test',
      client: 'lockstep',
      targetAudience: 'vectors',
    };
    await world.issue(world.request({ ...EXCHANGES.rfc8693, ...more }));
    const sent = Object.fromEntries(new URLSearchParams(world.services.requests[0]?.body));
    expect(sent).toMatchObject({
      subject_token_type: tokenType,
      resource: 'https://vectors.acme.test',
      client_id: 'lockstep',
      audience: 'vectors',
      scope: 'vectors.read',
    });
  });
});

describe('a token that is handed to nobody', () => {
  it.each([
    ['that outlives its lease', { expires_in: 600 }, /end 300 s after this lease would/],
    [
      'that does not say how long it lives',
      { expires_in: undefined },
      /does not say how long its token lives/,
    ],
    ['that has been over for as long', { expires_in: -300 }, /does not say how long its token lives/],
    ['that says how long in words', { expires_in: '300' }, /expires_in should be a number/],
    ['that is no bearer token', { token_type: 'DPoP' }, /not a bearer token for access/],
    ['that is not for access', { token_type: 'N_A' }, /not a bearer token for access/],
    ['of which nobody says what it is', { token_type: undefined }, /not a bearer token for access/],
    [
      'that only makes others',
      { issued_token_type: 'urn:ietf:params:oauth:token-type:refresh_token' },
      /not a bearer token for access/,
    ],
    ['that has more scopes', { scope: 'vectors.read vectors.write' }, /a scope that was not asked for/],
    ['that is none', { access_token: undefined }, /access_token should be/],
    ['that would be two headers', { access_token: 'one\r\nx: two' }, /not one that a header can carry/],
  ])('%s', async (_what, over, said) => {
    world.services.next({ over });
    const outcome = world.issue();
    await expect(outcome).rejects.toThrow(said);
    expect(await codeOf(outcome)).toBe('TARGET_REFUSED');
  });

  it('of a service account that says that it lives for longer, or not for how long', async () => {
    const of = world.request(EXCHANGES['google, as a service account']);
    const first = { over: {} };
    world.services.next(first, { over: { expireTime: '2026-01-01T12:00:00Z' } });
    await expect(world.issue(of)).rejects.toThrow(/after this lease would/);
    world.services.next(first, { over: { expireTime: 'soon' } });
    await expect(world.issue(of)).rejects.toThrow(/does not say when its token ends/);
  });

  it('that came when nobody waited for it any more', async () => {
    const { clock, services } = world;
    const slow = federatedLeaser({
      clock: clock.now,
      fetch: async (url, init) => {
        const answer = await services.fetch(url, init);
        clock.jump(60);
        return answer;
      },
    });
    const proof = await holderTokenOf(clock.now);
    const holder = { holder: 'workload:research-agent', purpose: 'answer-questions', proof };
    expect(await codeOf(slow.issue(world.request(), holder, inMinutes(clock.now, 5)))).toBe('FENCED_OFF');
  });
});

describe('a refusal', () => {
  it.each([
    [400, { error: 'invalid_grant' }, 'TARGET_LACKS_GRANT'],
    [400, { error: 'invalid_target' }, 'TARGET_LACKS_GRANT'],
    [400, { error: 'invalid_request' }, 'TARGET_REFUSED'],
    [400, { error: { toString: 'invalid_grant' } }, 'TARGET_REFUSED'],
    [401, {}, 'TARGET_LACKS_GRANT'],
    [403, {}, 'TARGET_LACKS_GRANT'],
    [404, {}, 'TARGET_REFUSED'],
    [429, {}, 'TARGET_BUSY'],
    [500, {}, 'TARGET_UNREACHABLE'],
    [503, {}, 'TARGET_UNREACHABLE'],
    [307, {}, 'TARGET_REFUSED'],
  ])('of %d %j is %s, and repeats nothing that the service says', async (status, body, expected) => {
    const headers = { 'retry-after': '30', location: 'https://canary.test' };
    world.services.next({ status, headers, body: { ...body, error_description: 'canary' } });
    const error = await world.issue().catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: expected });
    expect(`${String(error)} ${String((error as Error).cause)}`).not.toContain('canary');
  });

  it.each([429, 503])('of %d says how long the service wants to be left alone', async (status) => {
    world.services.next({ status, headers: { 'retry-after': '30' } });
    await expect(world.issue()).rejects.toMatchObject({ retryAfterSeconds: 30 });
  });

  it('by a service that does not let a service account be used names nothing of the token', async () => {
    const exchange = {
      ...EXCHANGES['google, as a service account'],
      serviceAccount: 'other@acme.iam.gserviceaccount.com',
    };
    expect(await codeOf(world.issue(world.request(exchange)))).toBe('TARGET_LACKS_GRANT');
  });
});

it('there is no authority to check or to prove', async () => {
  const declared = leaseAuthorityOf('federated', {});
  const value = new Secret('{}');
  expect(() => world.leaser.checkAuthority(declared, value)).toThrow(/no authority is stored/);
  expect(await codeOf(world.leaser.proveAuthority(declared, value))).toBe('NOT_SUPPORTED');
});
