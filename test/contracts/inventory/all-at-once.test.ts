import { describe, expect, it } from 'vitest';
import { checkWorkspace } from '../../../lambdas/contracts/inventory/index.ts';
import { aLocalWorld, aWorkspace, problemsOf, problemsWith, workspaceWith } from './a-workspace.ts';

const pathsOf = (problems: readonly { readonly path: string }[]) => problems.map(({ path }) => path);

it('reports what is wrong in every corner, and nothing that only follows from it', () => {
  const problems = problemsWith({
    'environments.staging.region': 'Frankfurt',
    'environments.staging.promotesFrom': 'production',
    'workloads.worker.role.staging': 'worker',
    'credentials.db-admin.endpoint.staging': { host: 'bad host', port: 70_000 },
    'credentials.db-admin.owner': 'nobody',
    'credentials.store.slots': ['same', 'same'],
    'credentials.store.dependents.0.cacheTtl': 'soon',
    'credentials.store.dependents.1.evidence.suffices': 'yes',
    'credentials.model.kind': 'oracle',
    'credentials.api-hook.bytes': 8,
    'credentials.api-hook.rotateEvery': 30,
  });
  expect(pathsOf(problems)).toEqual([
    'credentials.api-hook.bytes',
    'credentials.api-hook.rotateEvery',
    'credentials.db-admin.endpoint.staging.host',
    'credentials.db-admin.endpoint.staging.port',
    'credentials.db-admin.owner',
    'credentials.model.kind',
    'credentials.store.dependents[0].cacheTtl',
    'credentials.store.dependents[1].evidence.suffices',
    'credentials.store.slots',
    'environments.staging.promotesFrom',
    'environments.staging.region',
    'workloads.worker.role.staging',
  ]);
});

it('checks a credential whose kind it does not know as far as it can', () => {
  const problems = problemsWith({
    'credentials.model.kind': 'oracle',
    'credentials.model.owner': 'nobody',
    'credentials.model.boundTo': ['nothing'],
  });
  expect(pathsOf(problems)).toEqual([
    'credentials.model.boundTo[0]',
    'credentials.model.dependents[0].workload',
    'credentials.model.kind',
    'credentials.model.owner',
  ]);
});

it.each([
  ['boundTo', 'credentials.model.boundTo', 'worker'],
  ['the name of a dependent', 'credentials.model.dependents.0.name', 7],
  ['the signing key', 'credentials.store.dependents.0.signingKey', 7],
  ['the URL', 'credentials.store.dependents.0.url', 7],
  ['the cache', 'credentials.model.dependents.0.cacheTtl', 'soon'],
  ['the drain', 'credentials.model.retire', { afterAdoption: 'later' }],
  ['the evidence', 'credentials.store.dependents.1.evidence', 'seen'],
  ['the authority', 'credentials.model.authority', 7],
  ['the policy', 'credentials.model.retire', 'soon'],
  ['the slots', 'credentials.store.slots', 'rag_a'],
])('concludes nothing from %s that could not be read', (_, path, value) => {
  expect(problemsWith({ [path]: value })).toHaveLength(1);
});

it('reports a field that does not belong to this kind beside one that belongs to none', () => {
  const problems = problemsWith({ 'credentials.db-admin.dependents': [], 'credentials.db-admin.colour': 1 });
  expect(pathsOf(problems)).toEqual(['credentials.db-admin.colour', 'credentials.db-admin.dependents']);
});

it.each([
  ['owners.platform', {}, 'owners.platform.contact'],
  ['owners.platform.phone', '1', 'owners.platform.phone'],
  ['owners.idle', 'somebody', 'owners.idle'],
  ['workloads.api.arn', 'x', 'workloads.api.arn'],
  ['workloads.idle', 'x', 'workloads.idle'],
])('reads every entry of every section: %s', (path, value, reported) => {
  expect(pathsOf(problemsWith({ [path]: value }))).toEqual([reported]);
});

it('says what an environment is made of, on AWS and on one machine', () => {
  expect(problemsWith({ 'environments.production': 7, 'environments.local': 7 })).toMatchObject([
    { path: 'environments.local', allowed: '{ cadence?, freezes? }' },
    { path: 'environments.production', allowed: '{ account, region, … }' },
  ]);
});

it('also checks values of the environments that nobody asked for', () => {
  expect(pathsOf(problemsWith({ 'credentials.model.project.production': 'wrong' }, 'staging'))).toEqual([
    'credentials.model.project.production',
  ]);
});

it.each([
  ['nothing', undefined],
  ['null', null],
  ['a text', 'workspace'],
  ['a list', []],
  ['an instance of a class', new Map()],
])('takes %s for no workspace', (_, workspace) => {
  const problems = problemsOf(workspace);
  expect(pathsOf(problems)).toContain('the workspace');
});

it('asks for every section of an empty file', () => {
  expect(pathsOf(problemsOf({}))).toEqual([
    'credentials',
    'environments',
    'environments',
    'owners',
    'workloads',
  ]);
});

describe('a check of all environments', () => {
  it('finds nothing in a sound workspace', () => {
    expect(checkWorkspace(aWorkspace(), { localWorld: aLocalWorld() })).toEqual([]);
  });

  it('says once what is wrong everywhere, and names what is wrong in one environment only', () => {
    const workspace = workspaceWith({
      'credentials.store.owner': 'nobody',
      'credentials.model.project.production': undefined,
      'workloads.worker.role.staging': undefined,
    });
    expect(pathsOf(checkWorkspace(workspace))).toEqual([
      'credentials.model.project.production',
      'credentials.store.owner',
      'workloads.worker.role.staging',
    ]);
  });

  it('finds what is wrong with a file that declares no environment', () => {
    expect(pathsOf(checkWorkspace({ owners: {}, workloads: {}, credentials: {} }))).toContain('environments');
    expect(checkWorkspace('nothing')).not.toEqual([]);
  });

  it('finds what is wrong with a file that declares only local, even without its world', () => {
    const workspace = workspaceWith({
      environments: { local: { cadence: 'fast' } },
      'credentials.store.owner': 'nobody',
    });
    expect(pathsOf(checkWorkspace(workspace))).toContain('credentials.store.owner');
  });
});
