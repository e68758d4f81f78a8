import { expect, it } from 'vitest';
import { resolveInventory, type LocalWorld } from '../../../lambdas/contracts/inventory/index.ts';
import { aLocalWorld, aWorkspace, problemsOf, workspaceWith } from './a-workspace.ts';

it('resolves into what the pipeline needs, for each environment its own', () => {
  const { inventory, deployment, problems } = resolveInventory(aWorkspace(), 'production');
  expect(problems).toBeUndefined();
  expect(deployment).toEqual({ account: '222222222222', region: 'eu-central-1', trail: 'create' });
  expect(inventory?.workloads).toEqual([
    { name: 'api', principal: 'arn:aws:iam::222222222222:role/api' },
    { name: 'worker', principal: 'arn:aws:iam::222222222222:role/worker' },
  ]);
  expect(inventory?.credentials.find(({ name }) => name === 'store')).toEqual({
    name: 'store',
    kind: 'postgres',
    family: 'postgres',
    strategy: 'two-slot',
    owner: 'platform',
    authority: 'db-admin',
    rotateEverySeconds: 604_800,
    boundTo: ['api', 'worker'],
    adopters: [],
    dependents: [
      {
        name: 'api',
        kind: 'webhook',
        workload: 'api',
        cacheTtlSeconds: 300,
        settings: { url: 'https://api.example.com/hook', signingKey: 'api-hook' },
      },
      {
        name: 'worker',
        kind: 'poller',
        workload: 'worker',
        cacheTtlSeconds: 300,
        evidence: { applicationName: 'worker', poolLifetimeSeconds: 600, suffices: true },
        settings: { acknowledges: false },
      },
    ],
    retire: {
      drainSeconds: 3600,
      soakSeconds: 3600,
      deadlineSeconds: 43_200,
      onDeadline: 'hold-and-page',
    },
    target: {
      endpoint: { host: 'db.example.com', port: 5432 },
      database: 'rag',
      slots: ['rag_a', 'rag_b'],
      ownerRole: 'rag_owner',
    },
  });
});

it('fills in what the file leaves out', () => {
  const { inventory } = resolveInventory(aWorkspace(), 'staging');
  const [admin] = inventory?.credentials ?? [];
  expect(admin).toMatchObject({
    boundTo: [],
    dependents: [],
    // It changes in place: there is nothing to drain and nothing to watch.
    retire: { drainSeconds: 0, soakSeconds: 0 },
    target: { database: 'postgres', endpoint: { port: 5432 } },
  });
  const key = inventory?.credentials.find(({ name }) => name === 'api-hook');
  expect(key?.target).toEqual({ bytes: 32 });
});

it('takes one value for every environment where no map is written', () => {
  const { inventory } = resolveInventory(
    workspaceWith({ 'credentials.model-admin.apiUrl': 'https://eu.example.com/v1' }),
    'staging',
  );
  const targets = inventory?.credentials
    .filter(({ family }) => family === 'openai')
    .map(({ target }) => target);
  expect(targets).toEqual([
    { apiUrl: 'https://eu.example.com/v1' },
    { apiUrl: 'https://eu.example.com/v1', project: 'proj_staging' },
  ]);
});

it('leaves out workloads that have no role in this environment and read nothing', () => {
  const { inventory } = resolveInventory(workspaceWith({ 'workloads.idle': {} }), 'staging');
  expect(inventory?.workloads.map(({ name }) => name)).toEqual(['api', 'worker']);
});

it('has another digest as soon as anything is different', () => {
  const digestOf = (changes: Readonly<Record<string, unknown>>) =>
    resolveInventory(workspaceWith(changes), 'staging').inventory?.digest;
  const soak = { 'credentials.model.retire': { soak: { seconds: 3601 } } };
  expect(digestOf({})).toMatch(/^[0-9a-f]{64}$/);
  expect(digestOf({})).toBe(digestOf({}));
  expect(digestOf(soak)).not.toBe(digestOf({}));
  // What only the other environment says does not change this one.
  expect(digestOf({ 'credentials.model.project.production': 'proj_other' })).toBe(digestOf({}));
});

it('writes freezes as instants', () => {
  const freeze = { from: '2027-01-01T00:00:00Z', until: '2027-01-02T12:00:00.5Z', reason: 'a holiday' };
  const { inventory } = resolveInventory(
    workspaceWith({ 'environments.staging.freezes': [freeze] }),
    'staging',
  );
  expect(inventory?.freezes).toEqual([
    { from: '2027-01-01T00:00:00.000Z', until: '2027-01-02T12:00:00.500Z', reason: 'a holiday' },
  ]);
});

it('resolves only environments that are declared', () => {
  expect(problemsOf(aWorkspace(), 'prodution')).toContainEqual({
    path: 'environments',
    found: 'no environment "prodution"',
    allowed: 'local, staging, production',
    mend: 'did you mean production? Otherwise declare it, or ask for one that is declared',
  });
});

it('knows a fixed address of sessions by environment, and in local only from the embedded world', () => {
  const workspace = workspaceWith({
    'credentials.store.dependents.1.evidence.clientAddress': { staging: '10.0.0.1', production: '10.1.0.1' },
  });
  const addressIn = (environment: string, localWorld: LocalWorld) =>
    resolveInventory(workspace, environment, { localWorld })
      .inventory?.credentials.find(({ name }) => name === 'store')
      ?.dependents.find(({ name }) => name === 'worker')?.evidence?.clientAddress;
  expect(addressIn('staging', aLocalWorld())).toBe('10.0.0.1');
  expect(addressIn('production', aLocalWorld())).toBe('10.1.0.1');
  expect(addressIn('local', aLocalWorld())).toBeUndefined();
  expect(addressIn('local', aLocalWorld({ 'worker.clientAddress': '127.0.0.1' }))).toBe('127.0.0.1');
});

it('takes a pool lifetime shorter than the looks at a target on AWS as four minutes there, and as declared here', () => {
  const workspace = workspaceWith({
    'credentials.store.dependents.1.evidence.poolLifetime': { seconds: 30 },
    'environments.local': { cadence: 'declared' },
  });
  const lifetimeIn = (environment: string, localWorld?: LocalWorld): number | undefined => {
    const { inventory } = resolveInventory(workspace, environment, localWorld ? { localWorld } : {});
    const store = inventory?.credentials.find(({ name }) => name === 'store');
    return store?.dependents.find(({ name }) => name === 'worker')?.evidence?.poolLifetimeSeconds;
  };
  expect(lifetimeIn('staging')).toBe(240);
  expect(lifetimeIn('local', aLocalWorld())).toBe(30);
});
