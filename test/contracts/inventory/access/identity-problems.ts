import { aBucket, both } from './an-access-workspace.ts';

const adminOf = (account: string) => `arn:aws:iam::${account}:role/admin`;

/** What is changed of names, owners and identities, and the one problem that comes of it. */
export const IDENTITY_PROBLEMS = [
  // names
  {
    of: 'a name that is none',
    change: { 'roles.On Call': { groups: [{ issuer: 'people', group: 'sre' }] } },
    problem: { path: 'roles.<a key of 7 characters>', found: 'the name "On Call"' },
  },
  {
    of: 'a lease authority called like a credential',
    change: {
      'leaseAuthorities.model': { kind: 'openai', owner: 'platform', adopters: [adminOf('111111111111')] },
    },
    problem: { path: 'leaseAuthorities.model', found: 'the name "model", which a credential has' },
  },
  {
    of: 'a lease authority called like the heartbeat',
    change: {
      'leaseAuthorities.heartbeat': {
        kind: 'openai',
        owner: 'platform',
        adopters: [adminOf('111111111111')],
      },
    },
    problem: {
      path: 'leaseAuthorities.heartbeat',
      found: 'the name "heartbeat", which Lockstep keeps for its heartbeat read',
    },
  },
  {
    of: 'a lease called like a credential',
    change: { 'leases.store': { ...aBucket() } },
    problem: { path: 'leases.store', found: 'the name "store", which a credential has' },
  },
  // owners
  {
    of: 'an owner of a workload who is not declared',
    change: { 'workloads.api.owner': 'plattform' },
    problem: {
      path: 'workloads.api.owner',
      found: 'the owner "plattform", which is not declared',
      allowed: 'platform',
      mend: 'did you mean platform? Otherwise declare it in owners',
    },
  },
  {
    of: 'an owner of a lease who is not declared',
    change: { 'leases.model-session.owner': 'nobody' },
    problem: { path: 'leases.model-session.owner', found: 'the owner "nobody", which is not declared' },
  },
  // issuers
  {
    of: 'an issuer by plain http',
    change: { 'issuers.ci.issuer': 'http://ci.example.com' },
    problem: { path: 'issuers.ci.issuer', found: 'plain http to a public host' },
  },
  {
    of: 'keys of an issuer inside the network',
    change: { 'issuers.ci.jwksUrl': 'https://10.0.0.8/keys' },
    problem: { path: 'issuers.ci.jwksUrl', found: 'a private host' },
  },
  {
    of: 'keys of an issuer at the metadata service',
    change: { 'issuers.ci.jwksUrl': 'https://169.254.169.254/keys' },
    problem: { path: 'issuers.ci.jwksUrl', found: 'a link-local host' },
  },
  {
    of: 'a symmetric algorithm',
    change: { 'issuers.ci.algorithms': ['HS256'] },
    problem: { path: 'issuers.ci.algorithms[0]', found: '"HS256"' },
  },
  {
    of: 'no algorithm at all',
    change: { 'issuers.ci.algorithms': ['none'] },
    problem: { path: 'issuers.ci.algorithms[0]', found: '"none"' },
  },
  {
    of: 'a clock that is further off than a clock can be',
    change: { 'issuers.ci.clockSkew': { seconds: 121 } },
    problem: { path: 'issuers.ci.clockSkew', found: '121 seconds', allowed: 'at most 2 minutes' },
  },
  {
    of: 'tokens that are good for longer than a day',
    change: { 'issuers.ci.longestToken': { seconds: 86_401 } },
    problem: { path: 'issuers.ci.longestToken', allowed: 'at most 1 day' },
  },
  {
    of: 'two issuers that no token can tell apart',
    change: { 'issuers.sessions.audience': { staging: 'lockstep-staging', production: 'agents' } },
    problem: { path: 'issuers.sessions', found: 'the issuer and the audience of "people"' },
  },
  {
    of: 'one audience for two environments',
    change: { 'issuers.people.audience': 'lockstep' },
    problem: {
      path: 'issuers.people.audience',
      found: 'one audience of one issuer in production and staging',
      allowed:
        'another audience in each environment: a token that was used in one would be good in the other',
      mend: "write { staging: 'lockstep-staging', … }, and have the tokens made for it",
    },
  },
  {
    of: 'an audience that another issuer has elsewhere',
    change: { 'issuers.sessions.audience': { staging: 'lockstep', production: 'agents' } },
    problem: {
      path: 'issuers.sessions.audience.staging',
      found: 'one audience of one issuer in production and staging',
    },
  },
  // tokens
  {
    of: 'tokens of an issuer that is not declared',
    change: { 'workloads.ci.tokens': [{ issuer: 'cl', claims: { sub: 'x' } }] },
    problem: {
      path: 'workloads.ci.tokens[0].issuer',
      mend: 'did you mean ci? Otherwise declare it in issuers',
    },
  },
  {
    of: 'tokens without a claim',
    change: { 'workloads.ci.tokens': [{ issuer: 'ci', claims: {} }] },
    problem: { path: 'workloads.ci.tokens[0].claims', allowed: 'at least one claim and its exact value' },
  },
  {
    of: 'a workload that is named by whom agents act for',
    change: { 'workloads.ci.tokens': [{ issuer: 'sessions', claims: { sub: 'x' } }] },
    problem: {
      path: 'workloads.ci.tokens[0].issuer',
      found: 'the issuer "sessions", whose tokens say whom an agent acts for',
    },
  },
  {
    of: 'claims that name two workloads',
    change: {
      'workloads.ci.tokens': [{ issuer: 'ci', claims: { sub: 'x' } }],
      'workloads.cj': { tokens: [{ issuer: 'ci', claims: { repository: 'example/app' } }] },
    },
    problem: {
      path: 'workloads.cj.tokens[0]',
      found: 'claims that a token of the workload "ci" may have as well',
    },
  },
  // roles
  {
    of: 'a role that nobody has',
    change: { 'roles.engineers.groups': [] },
    problem: { path: 'roles.engineers', found: 'nobody who has this role in staging' },
  },
  {
    of: 'a group of an issuer that is not declared',
    change: { 'roles.engineers.groups': [{ issuer: 'entra', group: 'x' }] },
    problem: { path: 'roles.engineers.groups[0].issuer', found: 'the issuer "entra", which is not declared' },
  },
  {
    of: 'people of another account',
    change: { 'roles.on-call.principals.staging': [both('on-call').production] },
    problem: {
      path: 'roles.on-call.principals[0]',
      found: 'a role of the account 222222222222: people of another account are not supported yet',
    },
  },
  {
    of: 'people who are a workload',
    change: { 'roles.on-call.principals.staging': [both('worker').staging] },
    problem: { path: 'roles.on-call.principals[0]', found: 'the role of the workload "worker"' },
  },
  {
    of: 'people who are Lockstep itself',
    change: {
      'roles.on-call.principals.staging': [
        'arn:aws:iam::111111111111:role/lockstep/staging/lockstep-staging-operate',
      ],
    },
    problem: {
      path: 'roles.on-call.principals[0]',
      found: 'a role under /lockstep/staging/, where Lockstep keeps its own roles',
    },
  },
  {
    of: 'people of two issuers, of whom nobody says whether they are the same',
    change: { 'issuers.sessions.issuer': 'https://agents.example.com', 'issuers.people.people': 'staff' },
    problem: {
      path: 'issuers.sessions.people',
      found: 'nothing, while people come from "sessions" and from the issuer "people"',
    },
  },
  {
    of: "people whom an issuer's two entries call differently",
    change: { 'issuers.people.people': 'staff' },
    problem: {
      path: 'issuers.sessions.people',
      found: 'nothing, while people come from "sessions" and from the issuer "people"',
    },
  },
  {
    of: 'people of an issuer and of Identity Center, of whom nobody says whether they are the same',
    change: {
      'roles.on-call.principals.staging': [
        'arn:aws:iam::111111111111:role/aws-reserved/sso.amazonaws.com/eu-central-1/AWSReservedSSO_OnCall_0a1b',
      ],
      'roles.engineers.groups': [{ issuer: 'people', group: 'engineers' }],
    },
    problem: {
      path: 'issuers.people.people',
      found: 'nothing, while people come from "people" and from IAM Identity Center',
    },
  },
  // agents
  {
    of: 'an agent without a workload',
    change: { 'agents.bot.workload': 'wurker' },
    problem: { path: 'agents.bot.workload', mend: 'did you mean worker? Otherwise declare it in workloads' },
  },
  {
    of: 'two agents in one workload',
    change: { 'agents.robot': { owner: 'platform', workload: 'worker' } },
    problem: { path: 'agents.robot.workload', found: 'the workload "worker", which runs the agent "bot"' },
  },
  {
    of: 'an agent in a workload that cannot prove who it is',
    change: { 'workloads.nameless': {}, 'agents.robot': { owner: 'platform', workload: 'nameless' } },
    problem: {
      path: 'agents.robot.workload',
      found: 'the workload "nameless", which has neither a role nor tokens in staging',
    },
  },
  // purposes
  {
    of: 'a purpose that nobody there is may state',
    change: { 'purposes.answer.agents': ['bott'] },
    problem: { path: 'purposes.answer.agents[0]', mend: 'did you mean bot? Otherwise declare it in agents' },
  },
  {
    of: 'a purpose that a workload may state twice',
    change: { 'purposes.repair.workloads': ['api', 'api'] },
    problem: { path: 'purposes.repair.workloads[1]', found: 'the workload "api", for the second time' },
  },
  {
    of: 'a purpose that the workload of an agent may state',
    change: { 'purposes.repair.workloads': ['worker'] },
    problem: {
      path: 'purposes.repair.workloads[0]',
      found: 'the workload "worker", which runs the agent "bot"',
      mend: 'write "bot" in agents',
    },
  },
  {
    of: 'a purpose for which nothing can be leased',
    change: { 'leases.model-session.purposes': ['answer'] },
    problem: { path: 'purposes.repair', found: 'the purpose "repair", for which nothing can be leased' },
  },
] as const;
