import { describe, expect, it } from 'vitest';
import { readAuthority } from '../../../client/proxy/authority.ts';
import { ruleOf, rulesFor } from '../../../client/proxy/egress-match.ts';
import { readTarget } from '../../../client/proxy/request-target.ts';
import type { EgressRule } from '../../../lambdas/core/access/access-inventory.ts';
import { ask } from '../doubles/a-client.ts';
import { aSetting, closing } from '../doubles/closing.ts';

const keep = closing();

const rule = (change: Partial<EgressRule>): EgressRule => ({
  host: 'api.test',
  port: 443,
  network: 'public',
  paths: ['/'],
  methods: ['GET'],
  put: { into: 'header', name: 'authorization', prefix: '', field: 'apiKey' },
  ...change,
});

const passes = (rules: readonly EgressRule[], method: string, target: string): boolean => {
  const read = readTarget(target);
  return read !== undefined && ruleOf(rules, method, read) !== undefined;
};

describe('the prefix of a path', () => {
  it.each([
    ['/v1', '/v1', true],
    ['/v1', '/v1/', true],
    ['/v1', '/v1/models?x=/v2', true],
    ['/v1', '/v10', false],
    ['/v1', '/v1.old', false],
    ['/v1', '/V1', false],
    ['/v1', '/', false],
    ['/v1', '//v1', false],
    ['/v1/', '/v1', false],
    ['/v1/', '/v1/models', true],
    ['/', '/anything', true],
    ['/v1', '/v1%2fmodels', false],
  ])('%s has %s: %s', (prefix, target, expected) => {
    expect(passes([rule({ paths: [prefix] })], 'GET', target)).toBe(expected);
  });

  it('is one of several, and its rule the first that has method and path', () => {
    const rules = [
      rule({ paths: ['/a', '/b'], methods: ['GET'] }),
      rule({ paths: ['/a'], methods: ['POST'] }),
    ];
    expect(passes(rules, 'GET', '/b')).toBe(true);
    expect(passes(rules, 'POST', '/b')).toBe(false);
    expect(ruleOf(rules, 'POST', { path: '/a', query: '' })).toBe(rules[1]);
  });
});

describe('a path that leads elsewhere', () => {
  it.each([
    '/v1/../admin',
    '/v1/..',
    '/v1/./x',
    '/v1/%2e%2e/admin',
    '/v1/%2E./admin',
    '/v1/%252e%252e/admin',
    '/v1/%25252e%25252e/admin',
    '/v1/..%2fadmin',
    '/v1/..%5cadmin',
    String.raw`/v1/..\admin`,
    '/v1/..;/admin',
    '/v1/..;a=b/admin',
    '/v1/%c0%ae%c0%ae/admin',
    '/v1/%c1%9c../admin',
    '/v1#/admin',
    'v1',
    '*',
    'https://api.test/v1',
    '/v1 /x',
    '/v1\u0000',
  ])('is none: %j', (target) => {
    expect(readTarget(target)).toBeUndefined();
  });

  it.each(['/v1/...', '/v1/.well-known/x', '/v1/a..b', '/v1/%20..%20x', '/v1?next=/../x', '/v1/'])(
    'is not taken for one: %j',
    (target) => {
      expect(readTarget(target)).toBeDefined();
    },
  );

  it('is refused, and nothing is sent on', async () => {
    const { proxy, granted, target } = await aSetting(keep, { rule: { paths: ['/v1/'] } });
    const got = await ask(proxy, granted, target, { path: '/v1/%2e%2e/admin' });
    expect(got).toMatchObject({ status: 400, headers: { 'lockstep-proxy': 'MALFORMED_REQUEST' } });
    expect(target.connections()).toBe(0);
  });
});

describe('the rules of a place', () => {
  it('are those of exactly its host and port, in any case of letters', () => {
    const rules = [rule({ host: 'API.test' }), rule({ port: 8443 }), rule({ host: 'sub.api.test' })];
    const at = (text: string) => rulesFor(rules, readAuthority(text) ?? { host: '', port: 0 });
    expect(at('api.test:443')).toEqual([rules[0]]);
    expect(at('Api.Test:8443')).toEqual([rules[1]]);
    expect(at('test:443')).toEqual([]);
    expect(at('evil-api.test:443')).toEqual([]);
  });
});
