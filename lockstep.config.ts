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
  webhook,
} from 'lockstep';

// The example: an AI workspace. A service answers questions from a vector store, a worker fills that store, a
// summariser calls a model provider by a standing key, and an agent has no standing key of anything: it leases what it
// needs. Accounts, hosts and projects are made up: put your own in their place.
const STAGING = '111111111111';
const PRODUCTION = '222222222222';

const role = (account: string, name: string) => `arn:aws:iam::${account}:role/${name}`;
const roles = (name: string) => ({ staging: role(STAGING, name), production: role(PRODUCTION, name) });
const hook = (service: string) => ({
  staging: `https://${service}.staging.example.com/lockstep`,
  production: `https://${service}.example.com/lockstep`,
});
const administrators = {
  staging: [role(STAGING, 'platform-admin')],
  production: [role(PRODUCTION, 'platform-admin')],
};

// What is true of the roles of people below: their trust policies pin the name of the session to who signed in
// (`sts:RoleSessionName`), and let nobody in without a second factor (`aws:MultiFactorAuthPresent`). Say it of yours only
// where it is true: by the first, two sessions are two people who can approve; by the second, policy trusts them with more.
const SIGNED_IN = { sessionNamesProved: true, secondFactorProved: true } as const;

export default defineWorkspace({
  owners: {
    'data-platform': { contact: '#data-platform' },
    'retrieval-team': { contact: '#retrieval' },
    'agents-team': { contact: '#agents' },
  },

  environments: {
    // The embedded world: `npm start`. Nothing below that names a host, a project, a URL or a role is used there.
    local: { cadence: 'fast' },
    staging: { account: STAGING, region: 'eu-central-1', trail: 'create' },
    production: {
      account: PRODUCTION,
      region: 'eu-central-1',
      trail: 'existing',
      onCall: { email: 'on-call@example.com' },
      freezes: [
        { from: '2026-12-21T00:00:00Z', until: '2027-01-04T00:00:00Z', reason: 'nobody is in the office' },
      ],
    },
  },

  workloads: {
    'rag-api': { role: roles('rag-api'), owner: 'retrieval-team' },
    embedder: { role: roles('embedder'), owner: 'retrieval-team' },
    'research-agent': { role: roles('research-agent'), owner: 'agents-team' },
    summariser: { role: roles('summariser'), owner: 'agents-team' },
  },

  // People. Who has a role may do what `policies/` says of it.
  roles: {
    'on-call': {
      owner: 'data-platform',
      principals: { staging: [role(STAGING, 'on-call')], production: [role(PRODUCTION, 'on-call')] },
      ...SIGNED_IN,
    },
    retrieval: {
      owner: 'retrieval-team',
      principals: { staging: [role(STAGING, 'retrieval')], production: [role(PRODUCTION, 'retrieval')] },
      ...SIGNED_IN,
    },
    agents: {
      owner: 'agents-team',
      principals: { staging: [role(STAGING, 'agents')], production: [role(PRODUCTION, 'agents')] },
      ...SIGNED_IN,
    },
  },

  // The workload `research-agent` decides by itself what it does, so it has a ceiling. Nobody stands behind its requests:
  // with `actsFor: 'person'` each would carry the token of whom it acts for, and be worth no more than that person's own.
  agents: {
    'research-agent': { owner: 'agents-team', workload: 'research-agent', actsFor: 'itself' },
  },

  // What a lease may be for, and who may say so.
  purposes: {
    'answer-questions': {
      meaning: 'answers questions of users',
      agents: ['research-agent'],
      workloads: ['rag-api'],
    },
    investigate: { meaning: 'finds out what is broken', roles: ['on-call', 'retrieval', 'agents'] },
  },

  credentials: {
    // The login that may change the two slots below. It is `NOSUPERUSER CREATEROLE`, as an administrator on RDS is.
    'rag-db-admin': postgresAuthority({
      owner: 'data-platform',
      adopters: administrators,
      endpoint: {
        staging: { host: 'rag-db.staging.example.com' },
        production: { host: 'rag-db.example.com' },
      },
      role: 'lockstep_admin',
      rotateEvery: days(30),
    }),

    'vector-store': postgres({
      owner: 'retrieval-team',
      authority: 'rag-db-admin',
      database: 'rag',
      slots: ['rag_a', 'rag_b'],
      ownerRole: 'rag_owner',
      rotateEvery: days(7),
      boundTo: ['rag-api', 'embedder'],
      dependents: [
        webhook('rag-api', {
          cacheTtl: minutes(5),
          signingKey: 'rag-api-hook',
          url: hook('rag-api'),
        }),
        // It cannot be changed to acknowledge, so its adoption is what the database shows of its sessions.
        poller('embedder', {
          cacheTtl: minutes(5),
          acknowledges: false,
          evidence: { applicationName: 'embedder', poolLifetime: minutes(30), suffices: true },
        }),
      ],
      retire: { afterAdoption: hours(1), soak: hours(4), deadline: days(2), onDeadline: 'hold-and-page' },
    }),

    'openai-admin': openaiAuthority({
      owner: 'data-platform',
      adopters: administrators,
      rotateEvery: days(30),
    }),

    'openai-agents': openai({
      owner: 'agents-team',
      authority: 'openai-admin',
      project: { staging: 'proj_example_staging', production: 'proj_example_production' },
      rotateEvery: days(1),
      boundTo: ['summariser'],
      dependents: [
        webhook('summariser', {
          cacheTtl: minutes(5),
          signingKey: 'summariser-hook',
          url: hook('summariser'),
        }),
      ],
    }),

    // One signing key for each receiver: whoever can check a signature can also make one.
    'rag-api-hook': random({
      owner: 'retrieval-team',
      rotateEvery: days(30),
      boundTo: ['rag-api'],
      dependents: [
        webhook('rag-api', {
          cacheTtl: minutes(5),
          signingKey: 'rag-api-hook',
          url: hook('rag-api'),
        }),
      ],
    }),

    'summariser-hook': random({
      owner: 'agents-team',
      rotateEvery: days(30),
      boundTo: ['summariser'],
      dependents: [
        webhook('summariser', {
          cacheTtl: minutes(5),
          signingKey: 'summariser-hook',
          url: hook('summariser'),
        }),
      ],
    }),
  },

  // What makes leases. A person supplies their values (`lockstep supply`), and no function of Lockstep changes them.
  leaseAuthorities: {
    'rag-db-leases': postgresLeaseAuthority({
      owner: 'data-platform',
      adopters: administrators,
      endpoint: {
        staging: { host: 'rag-db.staging.example.com' },
        production: { host: 'rag-db.example.com' },
      },
      role: 'lockstep_leases',
      roles: ['rag_reader', 'rag_owner'],
    }),
    'openai-leases': openaiLeaseAuthority({ owner: 'data-platform', adopters: administrators }),
  },

  // What can be had for minutes instead of for good.
  leases: {
    'vector-reader': postgresLease({
      owner: 'retrieval-team',
      authority: 'rag-db-leases',
      standsFor: 'vector-store',
      database: 'rag',
      grants: [{ role: 'rag_reader' }],
      ownerRole: 'rag_reader',
      ttl: { default: minutes(15), maximum: hours(1), longest: hours(8) },
      purposes: ['answer-questions', 'investigate'],
    }),

    // Whoever holds it owns every vector: two others have to agree, or the glass is broken.
    'vector-owner': postgresLease({
      owner: 'retrieval-team',
      tier: 0,
      authority: 'rag-db-leases',
      standsFor: 'vector-store',
      database: 'rag',
      grants: [{ role: 'rag_owner' }],
      ownerRole: 'rag_owner',
      ttl: { default: minutes(15), maximum: minutes(30) },
      limits: { perPrincipal: 1, total: 3 },
      purposes: ['investigate'],
    }),

    'model-session': openaiLease({
      owner: 'agents-team',
      authority: 'openai-leases',
      standsFor: 'openai-agents',
      project: { staging: 'proj_example_staging', production: 'proj_example_production' },
      ttl: { default: minutes(15), maximum: hours(1) },
      purposes: ['answer-questions', 'investigate'],
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
