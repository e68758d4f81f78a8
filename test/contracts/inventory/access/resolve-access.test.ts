import { describe, expect, it } from 'vitest';
import {
  checkWorkspace,
  FAST,
  hours,
  minutes,
  resolveInventory,
} from '../../../../lambdas/contracts/inventory/index.ts';
import { inventoryShape } from '../../../../lambdas/adapters/inventory-file/inventory-shape.ts';
import { aWorkspace } from '../a-workspace.ts';
import { aBucket, accessWith, anAccessWorkspace, anAccessWorld, both } from './an-access-workspace.ts';

const resolved = (workspace: unknown, environment = 'staging') => {
  const { inventory, problems } = resolveInventory(
    workspace,
    environment,
    environment === 'local' ? { localWorld: anAccessWorld() } : {},
  );
  if (inventory) return inventory;
  throw new Error(JSON.stringify(problems));
};

describe('a workspace with everything that concerns access', () => {
  it('has no problem in any environment', () => {
    expect(checkWorkspace(anAccessWorkspace(), { localWorld: anAccessWorld() })).toEqual([]);
  });

  it('says what people of an issuer are called by, and in which directory', () => {
    const workspace = accessWith({
      'issuers.people.claims.subject': 'oid',
      'issuers.people.people': 'staff',
      'issuers.sessions.people': 'staff',
    });
    const { access } = resolved(workspace);
    const [, people, sessions] = access?.issuers ?? [];
    expect(people).toMatchObject({ people: 'staff', claims: { groups: 'teams', subject: 'oid' } });
    expect(sessions).toMatchObject({ people: 'staff' });
    const inventory = resolved(workspace);
    expect(inventoryShape(JSON.parse(JSON.stringify(inventory)), '')).toEqual(inventory);
  });

  it('is resolved for one environment, with what differs between them', () => {
    expect(resolved(anAccessWorkspace()).access).toMatchObject({
      issuers: [
        {
          name: 'ci',
          issuer: 'https://ci.example.com',
          audience: 'lockstep-staging',
          jwksUrl: 'https://ci.example.com/keys',
          use: 'caller',
          algorithms: ['RS256', 'ES256'],
          clockSkewSeconds: 60,
          longestTokenSeconds: 3600,
        },
        { name: 'people', claims: { groups: 'teams' } },
        { name: 'sessions', use: 'acting-for' },
      ],
      workloadTokens: { ci: [{ issuer: 'ci', claims: { sub: 'repo:example/app:environment:staging' } }] },
      workloadOwners: { api: 'platform' },
      roles: [
        { name: 'on-call', principals: [both('on-call').staging], sessionNamesProved: true },
        { name: 'engineers', owner: 'platform', principals: [] },
      ],
      agents: [{ name: 'bot', owner: 'platform', workload: 'worker', actsFor: 'person' }],
      purposes: { answer: 'answers questions of users', repair: 'mends what is broken' },
      leaseAuthorities: [
        {
          name: 'model-leases',
          kind: 'openai',
          adopters: [both('admin').staging],
          supplyEverySeconds: 90 * 86_400,
          limits: { total: 200, perMinute: 100 },
          target: { apiUrl: 'https://api.openai.com/v1' },
        },
      ],
      blastRadius: { perPrincipal: 50 },
    });
  });
});

describe('what is read of it', () => {
  it('says who may state which purpose, by who states it', () => {
    expect(resolved(anAccessWorkspace()).access?.purposeBindings).toEqual([
      { principal: 'agent:bot', purposes: ['answer'] },
      { principal: 'role:engineers', purposes: ['answer'] },
      { principal: 'workload:api', purposes: ['repair'] },
      { principal: 'workload:ci', purposes: ['repair'] },
      { principal: 'role:on-call', purposes: ['repair'] },
    ]);
  });

  it('has a tier for each credential: authorities have everything behind them', () => {
    expect(resolved(anAccessWorkspace()).access?.tiers).toEqual({
      'db-admin': 0,
      store: 1,
      'model-admin': 0,
      model: 1,
      'api-hook': 1,
    });
    expect(resolved(accessWith({ 'credentials.store.tier': 2 })).access?.tiers['store']).toBe(2);
  });

  it('has leases with their defaults', () => {
    const [lease] = resolved(anAccessWorkspace(), 'production').access?.leasables ?? [];
    expect(lease).toEqual({
      name: 'model-session',
      kind: 'openai',
      owner: 'platform',
      tier: 1,
      authority: 'model-leases',
      standsFor: 'model',
      ttl: { defaultSeconds: 600, maximumSeconds: 1800, longestSeconds: 1800 },
      limits: { perPrincipal: 5, total: 100, perMinute: 60 },
      purposes: ['answer', 'repair'],
      egress: [
        {
          host: 'api.openai.com',
          port: 443,
          network: 'public',
          paths: ['/v1/'],
          methods: ['GET', 'POST'],
          put: { into: 'header', name: 'authorization', prefix: 'Bearer ', field: 'apiKey' },
        },
      ],
      target: { project: 'proj_production' },
    });
  });

  it('survives the way to a function, word for word', () => {
    const inventory = resolved(anAccessWorkspace());
    expect(inventoryShape(JSON.parse(JSON.stringify(inventory)), '')).toEqual(inventory);
  });

  it('changes the digest with a word of access', () => {
    const changed = accessWith({ 'purposes.answer.meaning': 'answers them well' });
    expect(resolved(changed).digest).not.toBe(resolved(anAccessWorkspace()).digest);
  });
});

describe('how long leases are', () => {
  const ttlOf = (ttl: object) =>
    resolved(accessWith({ 'leases.model-session.ttl': ttl })).access?.leasables[0]?.ttl;

  it('is a quarter of an hour of at most an hour where the file says nothing', () => {
    expect(ttlOf({})).toEqual({ defaultSeconds: 900, maximumSeconds: 3600, longestSeconds: 3600 });
  });

  it('is never more by default than at most', () => {
    expect(ttlOf({ maximum: minutes(5) })).toMatchObject({ defaultSeconds: 300, maximumSeconds: 300 });
  });

  it('is what the target can hold, where the file says nothing', () => {
    const bucket = resolved(accessWith({ 'leases.bucket': aBucket(), 'environments.local': undefined }));
    expect(bucket.access?.leasables[1]?.ttl).toEqual({
      defaultSeconds: 900,
      maximumSeconds: 3600,
      longestSeconds: 3600,
    });
  });

  it('is what the file says', () => {
    expect(ttlOf({ default: minutes(1), maximum: hours(2) })).toMatchObject({
      defaultSeconds: 60,
      maximumSeconds: 7200,
    });
  });
});

describe('the embedded world', () => {
  const local = () => resolved(anAccessWorkspace(), 'local').access;

  it('uses nothing of the file that names a place or an account', () => {
    expect(JSON.stringify(local())).not.toMatch(/example\.com|api\.openai|arn:aws|111111111111/);
  });

  it('knows people and workloads by their names, two people of each role', () => {
    expect(local()?.roles.map(({ principals }) => principals)).toEqual([
      ['embedded:on-call', 'embedded:on-call.2'],
      ['embedded:engineers', 'embedded:engineers.2'],
    ]);
    expect(local()?.workloadTokens).toEqual({ ci: [{ issuer: 'ci', claims: { sub: 'ci' } }] });
  });

  it('has short leases where it is fast', () => {
    expect(local()?.leasables[0]?.ttl).toEqual({
      defaultSeconds: FAST.lease.defaultSeconds,
      maximumSeconds: FAST.lease.maximumSeconds,
      // Leases of this kind are not renewed.
      longestSeconds: FAST.lease.maximumSeconds,
    });
    // long enough to renew and approve by hand, and no longer
    expect(FAST.lease).toMatchObject({ maximumSeconds: 900, longestSeconds: 900 });
    const declared = resolved(accessWith({ 'environments.local.cadence': 'declared' }), 'local');
    expect(declared.access?.leasables[0]?.ttl.defaultSeconds).toBe(600);
  });

  it('uses leases on this machine', () => {
    expect(local()?.leasables[0]?.egress).toMatchObject([
      { host: 'localhost', port: 54_322, network: 'loopback', paths: ['/v1/'] },
    ]);
  });

  it('refuses what it serves nothing for', () => {
    const { problems } = resolveInventory(anAccessWorkspace(), 'local', {
      localWorld: anAccessWorld({ 'model-session.place': null, 'sessions.issuer': null }),
    });
    expect(problems?.map(({ path }) => path)).toEqual([
      'issuers.sessions.issuer',
      'leases.model-session.egress[0].host',
    ]);
  });
});

describe('a workspace that says nothing of access', () => {
  it('has none', () => {
    expect(resolved(aWorkspace())).not.toHaveProperty('access');
  });

  it.each([
    ['a tier', { 'credentials.store.tier': 2 }],
    ['a blast radius', { blastRadius: {} }],
    ['an owner of a workload', { 'workloads.api.owner': 'platform' }],
  ])('has some with no more than %s, and nothing to lease', (_, changes) => {
    const bare = JSON.parse(JSON.stringify(aWorkspace())) as Record<string, unknown>;
    const only = accessWith(changes);
    const workspace = { ...bare, ...pick(only, changes) };
    expect(resolved(workspace).access).toMatchObject({ leasables: [], blastRadius: { perPrincipal: 100 } });
  });
});

/** The sections of a workspace that some changes are in, without the tokens that need issuers. */
function pick(workspace: Record<string, unknown>, changes: object): Record<string, unknown> {
  const [section = ''] = Object.keys(changes).flatMap((path) => path.split('.')[0] ?? []);
  if (section !== 'workloads') return { [section]: workspace[section] };
  const { ci: _, ...workloads } = workspace['workloads'] as Record<string, unknown>;
  return { workloads };
}
