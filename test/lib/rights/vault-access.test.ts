import { expect, it } from 'vitest';
import type { Credential } from '../../../lambdas/core/credential.ts';
import { vaultAccess } from '../../../lib/rights/vault-access.ts';
import type { Site } from '../../../lib/site.ts';

const credential = (name: string): Credential => ({
  name,
  kind: 'random',
  family: 'random',
  strategy: 'dual-value',
  owner: 'platform',
  rotateEverySeconds: 86_400,
  boundTo: [],
  adopters: [],
  dependents: [],
  retire: { drainSeconds: 0, soakSeconds: 0, deadlineSeconds: 0, onDeadline: 'hold-and-page' },
  target: {},
});

const siteWith = (count: number): Site => ({
  inventory: {
    environment: 'staging',
    digest: '0',
    workloads: [],
    freezes: [],
    credentials: Array.from({ length: count }, (_, index) => credential(`key-${index}`)),
  },
  deployment: { account: '111111111111', region: 'eu-central-1', trail: 'create' },
  vaultWritesPerSecond: 35,
  code: { of: () => expect.fail('no code is asked for') },
});

const resourcesOf = (count: number) =>
  vaultAccess(siteWith(count), 'reconcile').flatMap(({ resources }) => resources);
const secret = (name: string): string =>
  `arn:aws:secretsmanager:eu-central-1:111111111111:secret:lockstep/staging/${name}`;

it('names each secret, as long as a role has room for their names', () => {
  expect(resourcesOf(2)).toEqual([secret('key-0-??????'), secret('key-1-??????')]);
  expect(resourcesOf(40)).toHaveLength(40);
});

it('names all secrets of the environment where it has not, and says why', () => {
  expect(resourcesOf(41)).toEqual([secret('*')]);
  for (const { because } of vaultAccess(siteWith(41), 'reconcile')) expect(because).toContain('no room');
});

it('gives a function nothing that the table of grants does not', () => {
  expect(vaultAccess(siteWith(3), 'page-on-call')).toEqual([]);
  expect(vaultAccess(siteWith(3), 'reconcile').flatMap(({ actions }) => actions)).toEqual([
    'secretsmanager:DescribeSecret',
  ]);
});
