import { statSync } from 'node:fs';
import { beforeEach, describe, expect, it } from 'vitest';
import { issuerPlace } from '../../../embedded/issuer/issuer-places.ts';
import { TokenIssuer } from '../../../embedded/issuer/token-issuer.ts';
import type { Issuer } from '../../../lambdas/core/access/access-inventory.ts';
import type { OutboundGet } from '../../../lambdas/outbound/get.ts';
import { readKeys } from '../../../lambdas/tokens/read-keys.ts';
import { tokenVerifier } from '../../../lambdas/tokens/token-verifier.ts';
import { countedIds } from '../../fakes/counted-ids.ts';
import { FakeClock } from '../../fakes/fake-clock.ts';
import { inTempFolder } from '../../fakes/temp-folder.ts';

const ENDPOINT = 'http://127.0.0.1:4242';
const declared = (name: string, more: Partial<Issuer> = {}): Issuer => ({
  name,
  ...issuerPlace(ENDPOINT, name),
  audience: `lockstep-${name}`,
  algorithms: ['RS256', 'ES256'],
  clockSkewSeconds: 30,
  longestTokenSeconds: 3600,
  use: 'caller',
  ...more,
});

const folder = inTempFolder();
const issuers = [
  declared('okta'),
  declared('old', { algorithms: ['RS256'], claims: { groups: 'teams', subject: 'oid' } }),
];
let clock: FakeClock;
beforeEach(() => {
  clock = new FakeClock();
});
const open = (): TokenIssuer =>
  new TokenIssuer({ folder: folder().at('keys'), issuers, clock: clock.now, newId: countedIds() });
const getFrom =
  (issuer: TokenIssuer): OutboundGet =>
  async ({ url }) => {
    const document = await issuer.published(new URL(url).pathname);
    return { outcome: 'answered', status: document ? 200 : 404, body: JSON.stringify(document ?? {}) };
  };
const verifierOf = (issuer: TokenIssuer) =>
  tokenVerifier({ read: (each) => readKeys(getFrom(issuer), each), clock: clock.now });

describe('an issuer of the embedded world', () => {
  it('signs what the verifier of both worlds takes, by its published keys', async () => {
    const issuer = open();
    const token = await issuer.sign({
      issuer: 'okta',
      subject: 'ada',
      groups: ['analysts'],
      purposes: ['report'],
      leases: ['vector-store-ro'],
    });
    const { subject, claims } = await verifierOf(issuer).verify(token, issuers);
    expect({ subject, claims }).toMatchObject({
      subject: 'ada',
      claims: {
        groups: ['analysts'],
        'lockstep.purposes': ['report'],
        'lockstep.leases': ['vector-store-ro'],
      },
    });
  });

  it('says where its keys are, as others do', async () => {
    const issuer = open();
    const found = issuers.map((each) => {
      const { jwksUrl, ...others } = each;
      expect(jwksUrl).toBe(`${each.issuer}/keys`);
      return others;
    });
    await expect(
      verifierOf(issuer).verify(await issuer.sign({ issuer: 'okta', subject: 'ada' }), found),
    ).resolves.toBeDefined();
  });

  it('uses an algorithm and the claims that the inventory has for it', async () => {
    const issuer = open();
    const token = await issuer.sign({ issuer: 'old', subject: 'ada', groups: ['analysts'] });
    expect((await verifierOf(issuer).verify(token, issuers)).claims).toMatchObject({
      teams: ['analysts'],
      oid: 'ada',
    });
  });
});

describe('the keys of an issuer of the embedded world', () => {
  it('are kept: what was signed before a start is good after it', async () => {
    const token = await open().sign({ issuer: 'okta', subject: 'ada' });
    await expect(verifierOf(open()).verify(token, issuers)).resolves.toBeDefined();
    expect(statSync(folder().at('keys', 'issuer-ES256.pem')).mode & 0o777).toBe(0o600);
  });

  it('make each token once, for five minutes', async () => {
    const issuer = open();
    const verifier = verifierOf(issuer);
    const tokens = await Promise.all([1, 2].map(() => issuer.sign({ issuer: 'okta', subject: 'ada' })));
    const ids = await Promise.all(
      tokens.map((token) => verifier.verify(token, issuers).then(({ id }) => id)),
    );
    expect(new Set(ids).size).toBe(2);
    clock.jump(331);
    const [token] = tokens;
    await expect(token && verifier.verify(token, issuers)).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
  });

  it('speak for no issuer that nobody declared, and are published by half', async () => {
    const issuer = open();
    await expect(issuer.sign({ issuer: 'evil', subject: 'ada' })).rejects.toMatchObject({
      code: 'COMMAND_INVALID',
    });
    await issuer.sign({ issuer: 'okta', subject: 'ada' });
    expect(JSON.stringify(await issuer.published('/issuers/okta/keys'))).not.toContain('"d"');
    for (const path of ['/issuers/evil/keys', '/issuers/okta/', '/issuers/okta/keys/..', '/secrets/okta'])
      expect(await issuer.published(path)).toBeUndefined();
  });
});
