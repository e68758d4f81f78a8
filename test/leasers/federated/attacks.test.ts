import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Secret } from '../../../lambdas/core/secret.ts';
import { codeOf } from '../../ports/under-test.ts';
import { inMinutes } from '../in-minutes.ts';
import { aFederatedWorld, EXCHANGES } from './a-world.ts';
import { AUDIENCE, holderTokenOf, ISSUER, SUBJECT } from './issuer-double.ts';

type World = ReturnType<typeof aFederatedWorld>;
let world: World;
beforeEach(() => {
  world = aFederatedWorld();
});
afterEach(() => world.cleanUp());

const holder = (proof?: Secret) => ({
  holder: 'workload:research-agent',
  purpose: 'answer-questions',
  ...(proof === undefined ? {} : { proof }),
});

describe('a token of the holder', () => {
  it('has to be there: nobody else’s will do', async () => {
    const times = inMinutes(world.clock.now, 5);
    const outcome = world.leaser.issue(world.request(), holder(), times);
    await expect(outcome).rejects.toThrow(/this request showed none; ask with a token/);
    expect(await codeOf(outcome)).toBe('NOT_SUPPORTED');
    expect(world.services.requests).toEqual([]);
  });

  it.each([
    ['of another issuer', { iss: 'https://cluster.example/id/2' }],
    ['of an issuer that is spelled alike', { iss: `${ISSUER}/` }],
    ['for somebody else', { aud: 'payments' }],
    ['for somebody else as well, who could show it too', { aud: [AUDIENCE, 'payments'] }],
    ['for nobody', { aud: [] }],
  ])('%s is shown to no service', async (_what, claims) => {
    const proof = await holderTokenOf(world.clock.now, claims);
    const outcome = world.issue(world.request(), proof);
    await expect(outcome).rejects.toThrow(/one issuer and for one audience, and this one has another/);
    expect(await codeOf(outcome)).toBe('NOT_SUPPORTED');
    expect(world.services.requests).toEqual([]);
  });

  it.each(['', 'a.b.c', 'canary', '{"iss":"x"}', 'e30.e30', '..'])(
    'that is none is shown to no service, and not quoted: %j',
    async (text) => {
      const error = await world.issue(world.request(), new Secret(text)).catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({ code: 'NOT_SUPPORTED' });
      expect(String(error)).not.toContain('canary');
      expect(world.services.requests).toEqual([]);
    },
  );

  it('for one audience in a list is one for that audience', async () => {
    const proof = await holderTokenOf(world.clock.now, { aud: [AUDIENCE] });
    expect(world.accepts((await world.issue(world.request(), proof)).value)).toBe(true);
  });
});

describe('a token of the holder, at each service,', () => {
  it.each(Object.entries(EXCHANGES))(
    'that is forged, of another subject or over gets nothing of %s',
    async (_name, exchange) => {
      const { now } = world.clock;
      const tokens = [
        await holderTokenOf(now, {}, 'others'),
        await holderTokenOf(now, { sub: `${SUBJECT}-2` }),
        await holderTokenOf(now, { exp: Math.floor(now().getTime() / 1000) - 1 }),
      ];
      for (const proof of tokens)
        expect(await codeOf(world.issue(world.request(exchange), proof))).toBe('TARGET_LACKS_GRANT');
      expect(world.services.given).toEqual([]);
    },
  );

  it.each(Object.entries(EXCHANGES))('is in no error of %s, which quotes it', async (_name, exchange) => {
    const proof = await holderTokenOf(world.clock.now, { sub: 'somebody-else' });
    const error = await world.issue(world.request(exchange), proof).catch((thrown: unknown) => thrown);
    expect(`${String(error)} ${String((error as Error).cause)}`).not.toContain(proof.reveal());
  });

  it.each(Object.entries(EXCHANGES))('goes to %s in the body alone', async (_name, exchange) => {
    const proof = await holderTokenOf(world.clock.now);
    await world.issue(world.request(exchange), proof);
    const [first] = world.services.requests;
    expect(first?.body).toContain(proof.reveal());
    expect([first?.url.href, ...(first?.headers.values() ?? [])].join(' ')).not.toContain(proof.reveal());
  });
});

describe('what is asked for', () => {
  it.each([
    { ...EXCHANGES.google, provider: EXCHANGES.google.provider.replace('cluster', 'other-cluster') },
    { ...EXCHANGES.entra, client: '00000000-0000-4000-8000-000000000000' },
    { ...EXCHANGES.anthropic, workspace: 'wrkspc_of_others' },
    { ...EXCHANGES.openai, serviceAccount: 'sa_of_others' },
    { ...EXCHANGES.rfc8693, resource: 'https://payroll.acme.test' },
  ])('is what the inventory says, and the service decides about it: %j', async (exchange) => {
    expect(await codeOf(world.issue(world.request(exchange)))).toBe('TARGET_LACKS_GRANT');
    expect(world.services.given).toEqual([]);
  });

  it.each([
    { ...EXCHANGES.rfc8693, scopes: ['vectors.read&resource=https://payroll.acme.test'] },
    { ...EXCHANGES.rfc8693, targetAudience: 'x&scope=admin' },
    { ...EXCHANGES.entra, scope: 'https://vault.azure.net/.default&client_id=other' },
    { ...EXCHANGES.anthropic, rule: 'fdrl_double","organization_id":"other' },
  ])('cannot be widened by what a name holds: %j', async (exchange) => {
    // The doubles refuse a field that comes twice, and one that they do not know: none may.
    await codeOf(world.issue(world.request(exchange)));
    expect(world.services.requests).toHaveLength(1);
    expect(world.services.violations).toEqual([]);
  });

  it('cannot lead to another place by what a name holds', async () => {
    const exchange = {
      ...EXCHANGES['google, as a service account'],
      serviceAccount: '../../../v1/x?y=#@evil.test',
    };
    expect(await codeOf(world.issue(world.request(exchange)))).toBe('TARGET_LACKS_GRANT');
    expect(world.services.requests.map(({ url }) => url.host)).toEqual([
      'sts.googleapis.com',
      'iamcredentials.googleapis.com',
    ]);
    expect(world.services.requests[1]?.url.search).toBe('');
  });

  it('never goes over a line in the clear', async () => {
    const exchange = { ...EXCHANGES.rfc8693, tokenUrl: 'http://sts.acme.test/token' };
    expect(await codeOf(world.issue(world.request(exchange)))).toBe('INVENTORY_INVALID');
    expect(world.services.requests).toEqual([]);
  });
});
