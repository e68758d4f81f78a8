import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AccessAnswers } from '../../../lambdas/contracts/access-requests.ts';
import { leaseCapabilities } from '../../../lambdas/contracts/lease-capabilities.ts';
import type { Inventory } from '../../../lambdas/core/credential.ts';
import { Secret } from '../../../lambdas/core/secret.ts';
import { answerAccess } from '../../../lambdas/grant-lease/answer-access.ts';
import { grantLease } from '../../../lambdas/grant-lease/grant-lease.ts';
import { federatedLeaser } from '../../../lambdas/leasers/federated/leaser.ts';
import type { Shown } from '../../../lambdas/recognise-caller/recognise-caller.ts';
import { serveLease } from '../../../lambdas/serve-lease/serve-lease.ts';
import { tokenVerifier } from '../../../lambdas/tokens/token-verifier.ts';
import { countedIds } from '../../fakes/counted-ids.ts';
import { MARK } from '../../fakes/marks.ts';
import { MemoryVault } from '../../fakes/memory-vault.ts';
import { Broker } from '../../grant-lease/a-broker.ts';
import { ACCESS, INVENTORY } from '../../grant-lease/an-inventory.ts';
import { codeOf } from '../../ports/under-test.ts';
import { aTokenToExchange } from './a-world.ts';
import { exchangeDouble } from './exchange-double.ts';
import { AUDIENCE, holderTokenOf, ISSUER, issuerKeys, SUBJECT } from './issuer-double.ts';

const ROLE = 'arn:aws:iam::111111111111:role/rag-api';

/** A workload that tokens of a cluster prove, as well as a role. */
const WORLD: Inventory = {
  ...INVENTORY,
  workloads: [{ name: 'rag-api', principal: ROLE }],
  access: {
    ...ACCESS,
    issuers: [
      {
        name: 'cluster',
        issuer: ISSUER,
        audience: AUDIENCE,
        algorithms: ['ES256'],
        clockSkewSeconds: 30,
        longestTokenSeconds: 3600,
        use: 'caller',
      },
    ],
    workloadTokens: { 'rag-api': [{ issuer: 'cluster', claims: { sub: SUBJECT } }] },
    leasables: [{ ...aTokenToExchange(), purposes: ['answer'] }],
  },
};

/** The broker, its door for tokens, and the lease function, wired as on AWS, over stores in memory and doubles. */
function aWorld() {
  const broker = new Broker({ inventory: WORLD });
  const { clock, ledger, metrics, judge, policy } = broker;
  policy.rules = [
    { id: 'rag-searches', who: ['Workload:rag-api'], actions: ['lease'], leasables: ['vectors'] },
  ];
  const services = exchangeDouble(clock.now);
  const kind = 'federated';
  const leaser = federatedLeaser({ fetch: services.fetch, clock: clock.now });
  const vault = new MemoryVault({ judge });
  broker.leases.wire(
    kind,
    serveLease({
      inventory: WORLD,
      mark: MARK,
      kind,
      leaser,
      vault,
      metrics,
      clock: clock.now,
      functionName: 'lease-federated',
    }),
  );
  const doors = {
    recognise: {
      inventory: WORLD,
      ledger,
      metrics,
      clock: clock.now,
      newId: countedIds(7000),
      tokens: tokenVerifier({ read: issuerKeys, clock: clock.now }),
    },
    finding: { inventory: WORLD, ledger, audit: broker.audit.appender, metrics, clock: clock.now },
    grant: grantLease({ ...broker.grantPorts, capabilitiesOf: leaseCapabilities }),
  };
  const lease = (shown: Shown, requestId: string) =>
    answerAccess(doors, {
      shown,
      body: { ask: 'lease', leasable: 'vectors', requestId, ttlSeconds: 300 },
    }) as Promise<AccessAnswers['lease']>;
  return { broker, services, lease };
}

let world: ReturnType<typeof aWorld>;
beforeEach(() => {
  world = aWorld();
});
afterEach(() => {
  world.broker.judge.assertClean();
  const { violations } = world.services;
  if (violations.length > 0) throw new Error(violations.join('\n'));
});

/** A new token of the workload: one for each request, as its platform makes them. */
async function aToken(): Promise<Shown> {
  tokens += 1;
  return { by: 'token', token: await holderTokenOf(world.broker.clock.now, { jti: `token-${tokens}` }) };
}
let tokens = 0;

describe('a workload that asks by its token', () => {
  it('gets one of the service for it, once, and neither is written down', async () => {
    const shown = await aToken();
    const answer = await world.lease(shown, 'request-1');
    const value = answer.status === 'issued' ? answer.value : '{}';
    const { accessToken = '' } = JSON.parse(value) as { readonly accessToken?: string };
    expect(world.services.accepts(accessToken)).toBe(true);

    expect(await codeOf(world.lease(shown, 'request-1'))).toBe('ALREADY_HANDED_OVER');
    expect(world.services.given).toHaveLength(1);
    const token = shown.by === 'token' ? shown.token : new Secret('');
    const { ledger, audit } = world.broker;
    const rows = (['lease', 'lease-ask', 'lease-index', 'token'] as const).map((family) =>
      ledger.rows(family),
    );
    const written = JSON.stringify([rows, audit.entries()]);
    expect(written).toContain('vectors');
    for (const secret of [accessToken, token.reveal()]) expect(written).not.toContain(secret);
  });

  it('has used it up before the service sees it: whoever has seen it there cannot lease with it', async () => {
    const shown = await aToken();
    await world.lease(shown, 'request-1');
    const [seen] = world.services.requests;
    const token = new URLSearchParams(seen?.body).get('subject_token') ?? '';
    expect(await codeOf(world.lease({ by: 'token', token: new Secret(token) }, 'request-2'))).toBe(
      'TOKEN_REPLAYED',
    );
    expect(world.services.given).toHaveLength(1);
  });

  it('has used it up as well where the service did not answer', async () => {
    const shown = await aToken();
    world.services.next('lose-request');
    expect(await codeOf(world.lease(shown, 'request-1'))).toBe('TARGET_UNREACHABLE');
    expect(await codeOf(world.lease(shown, 'request-2'))).toBe('TOKEN_REPLAYED');
    expect(await codeOf(world.lease(await aToken(), 'request-3'))).toBe('none');
  });
});

describe('the same workload that asks by its signature', () => {
  it('is told that it has no token to exchange, and no service is asked', async () => {
    const arn = 'arn:aws:sts::111111111111:assumed-role/rag-api/i-1';
    expect(await codeOf(world.lease({ by: 'sigv4', arn }, 'request-1'))).toBe('NOT_SUPPORTED');
    expect(world.services.requests).toEqual([]);
  });
});
