import {
  NO_ACCESS,
  type AccessInventory,
  type Leasable,
} from '../../lambdas/core/access/access-inventory.ts';
import type {
  Caller,
  CallingAgent,
  CallingWorkload,
  Person,
  SessionClaims,
} from '../../lambdas/core/access/caller.ts';
import type { Inventory } from '../../lambdas/core/credential.ts';
import type { TableRule } from '../fakes/table-policy.ts';

const leasable = (name: string, more: Partial<Leasable>): Leasable => ({
  name,
  kind: 'memory',
  owner: 'retrieval-team',
  tier: 1,
  authority: 'lease-admin',
  ttl: { defaultSeconds: 900, maximumSeconds: 1800, longestSeconds: 7200 },
  limits: { perPrincipal: 5, total: 100, perMinute: 1000 },
  purposes: ['answer', 'index'],
  egress: [],
  target: {},
  ...more,
});

/** What can be leased in these tests: a store, something that needs two people, and notes of another team. */
export const LEASABLES = {
  store: leasable('store', { standsFor: 'vector-store' }),
  payroll: leasable('payroll', { owner: 'finance', tier: 0, purposes: ['repair'] }),
  notes: leasable('notes', { owner: 'notes-team', tier: 2, purposes: ['answer'] }),
} as const;

export const ACCESS: AccessInventory = {
  ...NO_ACCESS,
  workloadOwners: { 'rag-api': 'retrieval-team', stranger: 'other-team' },
  roles: [
    { name: 'retrieval-lead', owner: 'retrieval-team', groups: [], principals: [] },
    { name: 'finance', owner: 'finance', groups: [], principals: [] },
    { name: 'security', groups: [], principals: [] },
  ],
  agents: [
    { name: 'research-agent', owner: 'agents-team', workload: 'research', actsFor: 'person' },
    { name: 'indexer', owner: 'retrieval-team', workload: 'indexer', actsFor: 'itself' },
  ],
  purposes: { answer: 'to answer questions', index: 'to index', repair: 'to repair' },
  purposeBindings: [
    { principal: 'workload:rag-api', purposes: ['answer', 'index'] },
    { principal: 'workload:stranger', purposes: ['answer', 'index', 'repair'] },
    { principal: 'agent:research-agent', purposes: ['answer'] },
    { principal: 'agent:indexer', purposes: ['index'] },
    { principal: 'role:retrieval-lead', purposes: ['answer', 'index'] },
    { principal: 'role:finance', purposes: ['repair'] },
  ],
  leaseAuthorities: [
    {
      name: 'lease-admin',
      kind: 'memory',
      owner: 'data-platform',
      adopters: [],
      supplyEverySeconds: 7_776_000,
      target: {},
    },
  ],
  leasables: Object.values(LEASABLES),
};

export const INVENTORY: Inventory = {
  environment: 'test',
  digest: 'test',
  workloads: [],
  freezes: [],
  credentials: [],
  access: ACCESS,
};

export const RULES: readonly TableRule[] = [
  {
    id: 'retrieval-uses-its-store',
    who: ['Workload:rag-api', 'Agent:indexer', 'Role:retrieval-lead'],
    actions: ['lease', 'renew'],
    leasables: ['store'],
  },
  {
    id: 'agents-may-answer',
    who: ['Agent:research-agent'],
    actions: ['lease', 'renew'],
    leasables: ['store'],
    purposes: ['answer'],
  },
  {
    id: 'payroll-needs-two',
    who: ['Role:finance'],
    actions: ['lease', 'renew'],
    leasables: ['payroll'],
    approvals: 2,
    mayBreakGlass: true,
  },
  { id: 'finance-approves', who: ['Role:finance'], actions: ['approve'], leasables: ['payroll'] },
  { id: 'leads-revoke', who: ['Role:retrieval-lead'], actions: ['revoke', 'approve'], leasables: ['store'] },
  { id: 'security-revokes', who: ['Role:security'], actions: ['revoke', 'approve'] },
];

const proved = (principal: string, claims: SessionClaims = {}) =>
  ({ proof: 'embedded', principal, claims }) as const;

export const workload = (name: string, claims?: SessionClaims): CallingWorkload => ({
  ...proved(`arn:aws:iam::111111111111:role/${name}`, claims),
  is: 'workload',
  name,
});

export const person = (name: string, roles: readonly string[], claims?: SessionClaims): Person => ({
  ...proved(`https://id.example|${name}`, claims),
  is: 'person',
  name,
  roles,
  mfa: true,
});

export const agent = (name: string, actingFor?: Person, claims?: SessionClaims): CallingAgent => ({
  ...proved(`arn:aws:iam::111111111111:role/${name}`, claims),
  is: 'agent',
  name,
  workload: name,
  ...(actingFor ? { actingFor } : {}),
});

/** Those who appear in these tests. */
export const CALLERS = {
  rag: workload('rag-api'),
  stranger: workload('stranger'),
  indexer: agent('indexer'),
  lead: person('lena', ['retrieval-lead']),
  guest: person('gus', []),
  finn: person('finn', ['finance']),
  fred: person('fred', ['finance']),
  faye: person('faye', ['finance']),
  security: person('sam', ['security']),
} as const satisfies Record<string, Caller>;
