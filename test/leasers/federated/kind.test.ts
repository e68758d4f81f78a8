import { describe, expect, it } from 'vitest';
import { federatedKind } from '../../../lambdas/leasers/federated/kind.ts';
import { tokenToExchange } from '../../../lambdas/leasers/federated/target.ts';
import { aTokenToExchange, EXCHANGES } from './a-world.ts';
import { AUDIENCE, ISSUER } from './issuer-double.ts';

const takes = (exchange: object, more: object = {}): boolean =>
  federatedKind.target.safeParse({ issuer: ISSUER, audience: AUDIENCE, exchange, ...more }).success;

describe('what is declared of an exchange', () => {
  it.each(Object.entries(EXCHANGES))('is taken, and read again as it was: %s', (_name, exchange) => {
    const target = federatedKind.target.parse({ issuer: ISSUER, audience: AUDIENCE, exchange });
    expect(tokenToExchange(aTokenToExchange(target.exchange))).toEqual({
      issuer: ISSUER,
      audience: AUDIENCE,
      exchange,
    });
  });

  it.each([
    { ...EXCHANGES.rfc8693, tokenUrl: 'http://sts.acme.test/token' },
    { ...EXCHANGES.rfc8693, tokenUrl: 'https://user:password@sts.acme.test/token' },
    { ...EXCHANGES.rfc8693, tokenUrl: 'https://sts.acme.test/token?tenant=1' },
    { ...EXCHANGES.rfc8693, tokenType: 'urn:ietf:params:oauth:token-type:saml2' },
    { ...EXCHANGES.rfc8693, scopes: ['two words'] },
    { ...EXCHANGES.rfc8693, clientSecret: 'x' },
    {
      ...EXCHANGES.google,
      provider: '//iam.googleapis.com/projects/acme/locations/global/workloadIdentityPools/a/providers/b',
    },
    { ...EXCHANGES.google, serviceAccount: 'somebody@example.org' },
    { ...EXCHANGES.google, scopes: [] },
    { ...EXCHANGES.entra, tenant: 'common' },
    { ...EXCHANGES.entra, scope: 'https://vault.azure.net/secret' },
    { ...EXCHANGES.anthropic, rule: 'rule' },
    { ...EXCHANGES.openai, identityProvider: 'a b' },
    { service: 'aws' },
    {},
  ])('is refused: %j', (exchange) => {
    expect(takes(exchange)).toBe(false);
  });

  it('says whose tokens, and for whom', () => {
    expect(takes(EXCHANGES.openai)).toBe(true);
    expect(takes(EXCHANGES.openai, { issuer: undefined })).toBe(false);
    expect(takes(EXCHANGES.openai, { audience: undefined })).toBe(false);
    expect(takes(EXCHANGES.openai, { audience: 'a b' })).toBe(false);
  });
});

it('its places are where tokens are exchanged', () => {
  const places = (exchange: Readonly<Record<string, unknown>>): readonly string[] =>
    federatedKind.places(aTokenToExchange(exchange)).map(({ host, port }) => `${host}:${port}`);
  expect(Object.values(EXCHANGES).map(places)).toEqual([
    ['sts.googleapis.com:443', 'iamcredentials.googleapis.com:443'],
    ['sts.googleapis.com:443', 'iamcredentials.googleapis.com:443'],
    ['login.microsoftonline.com:443'],
    ['api.anthropic.com:443'],
    ['auth.openai.com:443'],
    ['sts.acme.test:443'],
  ]);
});
