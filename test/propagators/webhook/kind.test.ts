import { expect, it } from 'vitest';
import { webhookKind } from '../../../lambdas/propagators/webhook/kind.ts';

const settings = { url: 'https://api.example.com/hook?team=a', signingKey: 'api-hook' };
const takes = (change: object): boolean => webhookKind.settings.safeParse({ ...settings, ...change }).success;

it.each(['https://api.example.com/hook', 'http://127.0.0.1:8080/', 'https://[fd00::1]:8443/x'])(
  'is told at %s',
  (url) => {
    expect(takes({ url })).toBe(true);
  },
);

it.each(['', 'api.example.com', 'ftp://x', 'https://user:pass@x/', 'https://x/#y', 'javascript:alert(1)'])(
  'is not told at %j',
  (url) => {
    expect(takes({ url })).toBe(false);
  },
);

it('names its signing key, and holds none', () => {
  expect(takes({ signingKey: 'whsec_bm90IHJlYWw=' })).toBe(false);
  expect(takes({ secret: 'x' })).toBe(false);
});

it('allows hosts, not URLs or ranges', () => {
  expect(takes({ allowHosts: ['10.0.0.1', 'api.internal', 'fd00::1'] })).toBe(true);
  for (const host of ['https://10.0.0.1', '10.0.0.0/8', '*', '', 'a b'])
    expect(takes({ allowHosts: [host] })).toBe(false);
});

it('reaches the host and port of its URL', () => {
  const dependent = { name: 'api', kind: 'webhook', workload: 'api', cacheTtlSeconds: 1, settings };
  expect(webhookKind.places(dependent)).toEqual([{ host: 'api.example.com', port: 443 }]);
});
