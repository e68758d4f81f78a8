import type { AccessInventory, Leasable } from '../../lambdas/core/access/access-inventory.ts';
import type { Credential, Inventory } from '../../lambdas/core/credential.ts';

/** A leasable of the retrieval team. */
export const aLeasable = (name: string, changes: Partial<Leasable> = {}): Leasable => ({
  name,
  kind: 'postgres',
  owner: 'retrieval-team',
  tier: 1,
  ttl: { defaultSeconds: 900, maximumSeconds: 3600, longestSeconds: 7200 },
  limits: { perPrincipal: 5, total: 100, perMinute: 60 },
  purposes: ['answer-questions'],
  egress: [],
  target: { database: 'rag', grants: [{ role: 'reader' }], ownerRole: 'reader' },
  ...changes,
});

/** A credential of the retrieval team. */
export const aCredential = (name: string, changes: Partial<Credential> = {}): Credential => ({
  name,
  kind: 'postgres',
  family: 'postgres',
  strategy: 'two-slot',
  owner: 'retrieval-team',
  rotateEverySeconds: 604_800,
  boundTo: [],
  adopters: [],
  dependents: [],
  retire: { drainSeconds: 0, soakSeconds: 0, deadlineSeconds: 0, onDeadline: 'hold-and-page' },
  target: {},
  ...changes,
});

/** Two teams, an agent, two workloads, people, and what they may want. */
export const anAccess = (changes: Partial<AccessInventory> = {}): AccessInventory => ({
  issuers: [],
  workloadTokens: {},
  workloadOwners: { 'rag-api': 'retrieval-team', 'agent-runner': 'agents-team' },
  roles: [
    { name: 'on-call', groups: [], principals: [] },
    { name: 'retrieval', owner: 'retrieval-team', groups: [], principals: [] },
    { name: 'agents', owner: 'agents-team', groups: [], principals: [] },
  ],
  agents: [{ name: 'research-agent', owner: 'agents-team', workload: 'agent-runner', actsFor: 'person' }],
  purposes: { 'answer-questions': 'answers questions', investigate: 'finds out what is broken' },
  purposeBindings: [
    { principal: 'agent:research-agent', purposes: ['answer-questions'] },
    { principal: 'workload:rag-api', purposes: ['answer-questions'] },
    { principal: 'role:on-call', purposes: ['investigate'] },
  ],
  tiers: { 'db-admin': 0, store: 1 },
  leaseAuthorities: [
    {
      name: 'db-leases',
      kind: 'postgres',
      owner: 'data-platform',
      adopters: [],
      supplyEverySeconds: 86_400,
      target: {
        endpoint: { host: 'db.example.com', port: 5432 },
        role: 'leases',
        roles: ['owner', 'reader'],
      },
    },
  ],
  leasables: [
    aLeasable('vector-reader', { purposes: ['answer-questions', 'investigate'], standsFor: 'store' }),
    aLeasable('db-owner', { tier: 0, owner: 'data-platform', purposes: ['investigate'] }),
    aLeasable('model-session', { kind: 'openai', owner: 'agents-team' }),
  ],
  blastRadius: { perPrincipal: 100 },
  ...changes,
});

/** An inventory of one environment with all of that. */
export const anInventory = (environment = 'staging', access = anAccess()): Inventory => ({
  environment,
  digest: 'digest',
  workloads: [
    { name: 'rag-api', principal: 'arn:aws:iam::111111111111:role/rag-api' },
    { name: 'agent-runner', principal: 'arn:aws:iam::111111111111:role/agent-runner' },
  ],
  freezes: [],
  credentials: [
    aCredential('db-admin', { kind: 'postgres-authority', owner: 'data-platform' }),
    aCredential('store', { authority: 'db-admin', boundTo: ['rag-api', 'agent-runner'] }),
  ],
  access,
});
