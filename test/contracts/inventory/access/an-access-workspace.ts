import {
  awsSessionLease,
  defineWorkspace,
  minutes,
  openaiLease,
  openaiLeaseAuthority,
  resolveInventory,
  type LocalWorld,
  type Problem,
} from '../../../../lambdas/contracts/inventory/index.ts';
import { aLocalWorld, aWorkspace, nameOf, type Loose } from '../a-workspace.ts';

/** ARNs of a role of one name in both accounts. */
export const both = (name: string) => ({
  staging: `arn:aws:iam::111111111111:role/${name}`,
  production: `arn:aws:iam::222222222222:role/${name}`,
});
const listOfBoth = (name: string) => ({ staging: [both(name).staging], production: [both(name).production] });

const theLeases = () => ({
  leaseAuthorities: {
    'model-leases': openaiLeaseAuthority({
      owner: 'platform',
      adopters: listOfBoth('admin'),
      limits: { total: 200, perMinute: 100 },
    }),
  },
  leases: {
    'model-session': openaiLease({
      owner: 'platform',
      authority: 'model-leases',
      standsFor: 'model',
      project: { staging: 'proj_staging', production: 'proj_production' },
      ttl: { default: minutes(10), maximum: minutes(30) },
      purposes: ['answer', 'repair'],
      egress: [
        {
          host: 'api.openai.com',
          paths: ['/v1/'],
          put: { into: 'header', name: 'authorization', prefix: 'Bearer ', field: 'apiKey' },
        },
      ],
    }),
  },
});

/** A sound workspace with one of everything that concerns access. */
export const anAccessWorkspace = () => {
  const sound = aWorkspace();
  return defineWorkspace({
    ...sound,
    workloads: {
      ...sound.workloads,
      api: { ...sound.workloads['api'], owner: 'platform' },
      ci: {
        tokens: {
          staging: [{ issuer: 'ci', claims: { sub: 'repo:example/app:environment:staging' } }],
          production: [{ issuer: 'ci', claims: { sub: 'repo:example/app:environment:production' } }],
        },
      },
    },
    issuers: {
      ci: {
        issuer: 'https://ci.example.com',
        audience: { staging: 'lockstep-staging', production: 'lockstep' },
        jwksUrl: 'https://ci.example.com/keys',
      },
      people: {
        issuer: 'https://login.example.com',
        audience: { staging: 'lockstep-staging', production: 'lockstep' },
        claims: { groups: 'teams' },
      },
      sessions: {
        issuer: 'https://login.example.com',
        audience: { staging: 'agents-staging', production: 'agents' },
        use: 'acting-for',
      },
    },
    roles: {
      'on-call': {
        groups: [{ issuer: 'people', group: 'sre' }],
        principals: listOfBoth('on-call'),
        sessionNamesProved: true,
      },
      engineers: { owner: 'platform', groups: [{ issuer: 'sessions', group: 'engineers' }] },
    },
    agents: { bot: { owner: 'platform', workload: 'worker' } },
    purposes: {
      answer: { meaning: 'answers questions of users', agents: ['bot'], roles: ['engineers'] },
      repair: { meaning: 'mends what is broken', roles: ['on-call'], workloads: ['api', 'ci'] },
    },
    ...theLeases(),
    blastRadius: { perPrincipal: 50 },
  });
};

/** A lease that only exists on AWS, for what is tested of such. */
export const aBucket = () =>
  awsSessionLease({
    owner: 'platform',
    role: both('bucket-reader'),
    allow: [{ actions: ['s3:GetObject'], resources: ['arn:aws:s3:::documents/*'] }],
    purposes: ['answer'],
  });

/** The sound workspace with some of its values replaced; `undefined` takes one away. */
export function accessWith(changes: Readonly<Record<string, unknown>>): Loose {
  const copy = JSON.parse(JSON.stringify(anAccessWorkspace())) as Loose;
  for (const [path, value] of Object.entries(changes)) {
    const steps = path.split('.');
    const last = steps.at(-1) ?? '';
    const parent = steps.slice(0, -1).reduce((node, step) => node[step] as Loose, copy);
    if (value === undefined) delete parent[last];
    else parent[last] = structuredClone(value);
  }
  return copy;
}

/** Everything that is wrong with the sound workspace after some changes. */
export const accessProblems = (
  changes: Readonly<Record<string, unknown>>,
  environment = 'staging',
): readonly Problem[] =>
  resolveInventory(
    accessWith(changes),
    environment,
    environment === 'local' ? { localWorld: anAccessWorld() } : {},
  ).problems ?? [];

/** An embedded world that answers for it, on loopback as it must. */
export function anAccessWorld(fields: Readonly<Record<string, unknown>> = {}): LocalWorld {
  const answers: Readonly<Record<string, unknown>> = {
    'ci.issuer': 'http://127.0.0.1:54330/ci',
    'ci.audience': 'lockstep-ci',
    'ci.jwksUrl': 'http://127.0.0.1:54330/ci/keys',
    'people.issuer': 'http://127.0.0.1:54330/people',
    'people.audience': 'lockstep-people',
    'sessions.issuer': 'http://127.0.0.1:54330/sessions',
    'sessions.audience': 'lockstep-sessions',
    'model-leases.apiUrl': 'http://127.0.0.1:54322/v1',
    'model-session.project': 'proj_local',
    'model-session.place': { host: 'localhost', port: 54_322 },
    ...fields,
  };
  const others = aLocalWorld();
  return {
    field: (subject, field) => answers[`${nameOf(subject)}.${field}`] ?? others.field(subject, field),
  };
}
