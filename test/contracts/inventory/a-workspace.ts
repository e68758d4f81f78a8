import {
  days,
  defineWorkspace,
  minutes,
  openai,
  openaiAuthority,
  poller,
  postgres,
  postgresAuthority,
  random,
  resolveInventory,
  webhook,
  type LocalSubject,
  type LocalWorld,
  type Problem,
} from '../../../lambdas/contracts/inventory/index.ts';

const role = (account: string, name: string) => `arn:aws:iam::${account}:role/${name}`;
const roles = (name: string) => ({
  staging: role('111111111111', name),
  production: role('222222222222', name),
});
const admins = {
  staging: [role('111111111111', 'admin')],
  production: [role('222222222222', 'admin')],
};
const hook = () =>
  webhook('api', {
    cacheTtl: minutes(5),
    signingKey: 'api-hook',
    url: { staging: 'https://api.staging.example.com/hook', production: 'https://api.example.com/hook' },
  });

/** A sound workspace with one of everything. Each test breaks one thing in a copy of it. */
export const aWorkspace = () =>
  defineWorkspace({
    owners: { platform: { contact: '#platform' } },
    environments: {
      local: { cadence: 'fast' },
      staging: { account: '111111111111', region: 'eu-central-1' },
      production: { account: '222222222222', region: 'eu-central-1' },
    },
    workloads: { api: { role: roles('api') }, worker: { role: roles('worker') } },
    credentials: {
      'db-admin': postgresAuthority({
        owner: 'platform',
        adopters: admins,
        endpoint: { staging: { host: 'db.staging.example.com' }, production: { host: 'db.example.com' } },
        role: 'lockstep_admin',
        rotateEvery: days(30),
      }),
      store: postgres({
        owner: 'platform',
        authority: 'db-admin',
        database: 'rag',
        slots: ['rag_a', 'rag_b'],
        ownerRole: 'rag_owner',
        rotateEvery: days(7),
        boundTo: ['api', 'worker'],
        dependents: [
          hook(),
          poller('worker', {
            cacheTtl: minutes(5),
            acknowledges: false,
            evidence: { applicationName: 'worker', poolLifetime: minutes(10), suffices: true },
          }),
        ],
      }),
      'model-admin': openaiAuthority({ owner: 'platform', adopters: admins, rotateEvery: days(30) }),
      model: openai({
        owner: 'platform',
        authority: 'model-admin',
        project: { staging: 'proj_staging', production: 'proj_production' },
        rotateEvery: days(1),
        boundTo: ['worker'],
        dependents: [poller('worker', { cacheTtl: minutes(5) })],
      }),
      'api-hook': random({
        owner: 'platform',
        rotateEvery: days(30),
        boundTo: ['api'],
        dependents: [hook()],
      }),
    },
  });

/** A workspace as a tool may have parsed it: changeable, and with anything in it. */
export type Loose = Record<string, unknown>;

/** Where a change goes: `credentials.store.slots.0`. */
const stepsOf = (path: string): readonly string[] => path.split('.');

/** The sound workspace with some of its values replaced; `undefined` takes one away. */
export function workspaceWith(changes: Readonly<Record<string, unknown>>): Loose {
  // Not structuredClone: it keeps values shared that builders share, and a change would reach both.
  const copy = JSON.parse(JSON.stringify(aWorkspace())) as Loose;
  for (const [path, value] of Object.entries(changes)) {
    const steps = stepsOf(path);
    const last = steps.at(-1) ?? '';
    const parent = steps.slice(0, -1).reduce((node, step) => node[step] as Loose, copy);
    if (value === undefined) delete parent[last];
    else parent[last] = structuredClone(value);
  }
  return copy;
}

/** Everything that is wrong with the sound workspace after some changes. */
export const problemsWith = (
  changes: Readonly<Record<string, unknown>>,
  environment = 'staging',
): readonly Problem[] => problemsOf(workspaceWith(changes), environment);

/** Everything that is wrong with a workspace. */
export const problemsOf = (workspace: unknown, environment = 'staging'): readonly Problem[] =>
  resolveInventory(workspace, environment, environment === 'local' ? { localWorld: aLocalWorld() } : {})
    .problems ?? [];

/** An embedded world that answers for the sound workspace, on loopback as it must. */
export function aLocalWorld(fields: Readonly<Record<string, unknown>> = {}): LocalWorld {
  const answers: Readonly<Record<string, unknown>> = {
    'db-admin.endpoint': { host: '127.0.0.1', port: 54_321 },
    'model-admin.apiUrl': 'http://127.0.0.1:54322/v1',
    'model.project': 'proj_local',
    'api.url': 'http://127.0.0.1:54323/hook',
    'api.allowHosts': ['127.0.0.1'],
    ...fields,
  };
  return {
    field: (subject, field) => answers[`${nameOf(subject)}.${field}`],
  };
}

/** What a subject is called in the file. */
export function nameOf(subject: LocalSubject): string {
  if (subject.of === 'credential') return subject.credential;
  return subject.of === 'dependent' ? subject.dependent : subject.name;
}
