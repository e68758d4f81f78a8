import {
  days,
  defineWorkspace,
  hours,
  minutes,
  openai,
  openaiAuthority,
  openaiLease,
  openaiLeaseAuthority,
  poller,
  postgres,
  postgresAuthority,
  postgresLease,
  postgresLeaseAuthority,
  random,
  seconds,
  webhook,
} from '../../../lambdas/contracts/inventory/index.ts';
import { BED_ACCOUNT, BED_REGION } from '../launch/ministack.ts';
import { THROW_AWAY, throwAwayCredential } from '../../live/throw-away-credential.ts';
import { BUILD, identities, type IssuerName } from './bed-identities.ts';

/** Where the things of the bed are: real hosts under names of their own, all of them on loopback. */
export interface BedPlaces {
  readonly database: { readonly host: string; readonly port: number; readonly ca: string };
  readonly openai: {
    readonly apiUrl: string;
    readonly project: string;
    readonly host: string;
    readonly port: number;
    readonly ca: string;
  };
  /** Where a dependent is told. */
  readonly hook: (dependent: string) => string;
  /** Where an issuer of tokens is. */
  readonly issuer: (name: IssuerName) => string;
}

/** The environment's name. */
export const BED_ENVIRONMENT = 'beds';

const role = (name: string) => ({ [BED_ENVIRONMENT]: `arn:aws:iam::${BED_ACCOUNT}:role/${name}` });

/** The person who adopts. */
export const ADMINISTRATOR = `arn:aws:iam::${BED_ACCOUNT}:role/platform-admin`;

const administrators = { [BED_ENVIRONMENT]: [ADMINISTRATOR] };

/** What tokens name a workload by. */
const build = { [BED_ENVIRONMENT]: [{ issuer: 'builds', claims: { sub: BUILD } }] };

/** A database of its own for the throw-away credential. */
export const THROW_AWAY_PLACE = {
  owner: 'data-platform',
  authority: 'rag-db-admin',
  database: 'live_test',
  slots: ['live_test_a', 'live_test_b'],
  ownerRole: 'live_test_owner',
} as const;

/** Roles of the database that leases are about, beside the owner role: who makes them, and whose rights they get. */
export const LEASE_ROLES = { authority: 'rag_lease_admin', reader: 'rag_reader' } as const;

const RETIRE = {
  afterAdoption: seconds(5),
  soak: seconds(5),
  deadline: hours(1),
  onDeadline: 'hold-and-page',
} as const;

const told = (places: BedPlaces, name: string, signingKey: string, path = '') =>
  webhook(name, {
    cacheTtl: seconds(5),
    signingKey,
    url: { [BED_ENVIRONMENT]: `${places.hook(name)}${path}` },
    allowHosts: { [BED_ENVIRONMENT]: [new URL(places.hook(name)).hostname] },
  });

/**
 * The workspace that is deployed onto the bed: the example's kinds, with times so short that a whole life fits into a
 * few minutes. Its inventory passes every check that one of a real account has to pass.
 */
export const bedWorkspace = (places: BedPlaces) =>
  defineWorkspace({
    owners: { 'data-platform': { contact: '#data-platform' }, 'agents-team': { contact: '#agents' } },
    environments: { [BED_ENVIRONMENT]: { account: BED_ACCOUNT, region: BED_REGION, trail: 'create' } },
    workloads: {
      'rag-api': { role: role('rag-api'), owner: 'data-platform' },
      embedder: { role: role('embedder'), owner: 'data-platform' },
      'research-agent': { role: role('research-agent') },
      summariser: { role: role('summariser'), owner: 'agents-team' },
      'live-test': { role: role('live-test') },
      notebook: { role: role('notebook') },
      'nightly-report': { owner: 'data-platform', tokens: build },
    },
    credentials: {
      ...databaseCredentials(places),
      ...modelCredentials(places),
      ...signingKeys(places),
      [THROW_AWAY]: throwAwayCredential(THROW_AWAY_PLACE),
      // For stories about rotations that come to nothing.
      'spare-hook': random({
        owner: 'agents-team',
        rotateEvery: days(30),
        boundTo: ['summariser'],
        dependents: [told(places, 'summariser', 'spare-hook', '/spare')],
        retire: RETIRE,
      }),
    },
    ...access(places),
  });

/**
 * Logins and keys for minutes, as the example has them: of an agent with a ceiling that has nothing else, and of workloads
 * of the team that owns them.
 */
const access = (places: BedPlaces) => ({
  ...identities({
    environment: BED_ENVIRONMENT,
    issuer: places.issuer,
    administrators: [ADMINISTRATOR],
  }),
  agents: {
    'research-agent': { owner: 'agents-team', workload: 'research-agent', actsFor: 'itself' as const },
    notebook: { owner: 'data-platform', workload: 'notebook', actsFor: 'person' as const },
  },
  purposes: {
    'answer-questions': {
      meaning: 'answers questions of users',
      agents: ['research-agent', 'notebook'],
      workloads: ['rag-api', 'embedder', 'summariser', 'nightly-report'],
      roles: ['on-call', 'database-team', 'agents-team'],
    },
    // For people alone.
    'mend-rows': { meaning: 'puts right what went wrong', roles: ['database-team'] },
  },
  leaseAuthorities: {
    'rag-db-leases': postgresLeaseAuthority({
      owner: 'data-platform',
      adopters: administrators,
      endpoint: { [BED_ENVIRONMENT]: places.database },
      role: LEASE_ROLES.authority,
      roles: [LEASE_ROLES.reader, 'rag_owner'],
    }),
    'openai-leases': openaiLeaseAuthority({
      owner: 'agents-team',
      adopters: administrators,
      apiUrl: { [BED_ENVIRONMENT]: places.openai.apiUrl },
    }),
  },
  leases: {
    ...databaseLeases,
    ...modelLeases(places),
  },
});

const databaseLeases = {
  'vector-reader': postgresLease({
    owner: 'data-platform',
    authority: 'rag-db-leases',
    standsFor: 'vector-store',
    database: 'rag',
    grants: [{ role: LEASE_ROLES.reader }],
    ownerRole: LEASE_ROLES.reader,
    ttl: { default: minutes(10), maximum: minutes(15), longest: hours(1) },
    purposes: ['answer-questions', 'mend-rows'],
  }),
  // Two others have to agree.
  'vector-owner': postgresLease({
    owner: 'data-platform',
    tier: 0,
    authority: 'rag-db-leases',
    standsFor: 'vector-store',
    database: 'rag',
    grants: [{ role: 'rag_owner' }],
    ownerRole: 'rag_owner',
    ttl: { default: minutes(10), maximum: minutes(15) },
    purposes: ['answer-questions'],
  }),
};

const modelLeases = ({ openai: { project, host, port, ca } }: BedPlaces) => ({
  'model-session': openaiLease({
    owner: 'agents-team',
    authority: 'openai-leases',
    standsFor: 'openai-agents',
    project: { [BED_ENVIRONMENT]: project },
    ttl: { default: minutes(10), maximum: minutes(15) },
    purposes: ['answer-questions'],
    egress: [
      {
        host,
        port,
        network: 'private',
        ca,
        paths: ['/v1/'],
        put: { into: 'header', name: 'authorization', prefix: 'Bearer ', field: 'apiKey' },
      },
    ],
  }),
});

const databaseCredentials = (places: BedPlaces) => ({
  'rag-db-admin': postgresAuthority({
    owner: 'data-platform',
    adopters: administrators,
    endpoint: { [BED_ENVIRONMENT]: places.database },
    role: 'rag_db_admin',
    rotateEvery: days(30),
  }),
  'vector-store': postgres({
    owner: 'data-platform',
    authority: 'rag-db-admin',
    database: 'rag',
    slots: ['rag_a', 'rag_b'],
    ownerRole: 'rag_owner',
    rotateEvery: days(7),
    boundTo: ['rag-api', 'embedder'],
    dependents: [
      told(places, 'rag-api', 'rag-api-hook'),
      poller('embedder', {
        cacheTtl: seconds(5),
        acknowledges: false,
        evidence: { applicationName: 'embedder', poolLifetime: seconds(8), suffices: true },
      }),
    ],
    retire: RETIRE,
  }),
});

const modelCredentials = (places: BedPlaces) => ({
  'openai-admin': openaiAuthority({
    owner: 'agents-team',
    adopters: administrators,
    apiUrl: { [BED_ENVIRONMENT]: places.openai.apiUrl },
    rotateEvery: days(30),
    retire: RETIRE,
  }),
  'openai-agents': openai({
    owner: 'agents-team',
    authority: 'openai-admin',
    project: { [BED_ENVIRONMENT]: places.openai.project },
    rotateEvery: days(1),
    boundTo: ['summariser'],
    dependents: [told(places, 'summariser', 'summariser-hook')],
    retire: RETIRE,
  }),
});

const signingKeys = (places: BedPlaces) => ({
  'rag-api-hook': random({
    owner: 'data-platform',
    rotateEvery: days(30),
    boundTo: ['rag-api'],
    dependents: [told(places, 'rag-api', 'rag-api-hook')],
    retire: RETIRE,
  }),
  'summariser-hook': random({
    owner: 'agents-team',
    rotateEvery: days(30),
    boundTo: ['summariser'],
    dependents: [told(places, 'summariser', 'summariser-hook')],
    // Soon, so that its coming can be waited for.
    retire: { ...RETIRE, deadline: minutes(1) },
  }),
});
