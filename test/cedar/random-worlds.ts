import * as fc from 'fast-check';
import type { AccessInventory } from '../../lambdas/core/access/access-inventory.ts';
import type { Inventory } from '../../lambdas/core/credential.ts';
import type { PolicyContext, PolicyRequest } from '../../lambdas/core/policy/policy-request.ts';
import { aCredential, aLeasable, anAccess, anInventory } from './an-inventory.ts';

/** Names that others choose: words, and texts that would like to be policy, JSON, or somebody else. */
export const aName = fc.oneof(
  fc.constantFrom(
    'a',
    'b',
    'c',
    'on-call',
    'Lockstep::Role::"on-call"',
    '"',
    '\\',
    '{"__entity":{}}',
    'tier:0',
    ' ',
    '',
  ),
  fc.string({ maxLength: 8 }),
  fc.string({ unit: 'grapheme', maxLength: 6 }),
);
const aTeam = fc.constantFrom('red', 'blue');
const aPurpose = fc.constantFrom('search', 'repair');
const aTier = fc.constantFrom(0 as const, 1 as const, 2 as const);

/** An inventory of one environment, with whatever names. */
export const anInventoryOf: fc.Arbitrary<Inventory> = fc
  .record({
    workloads: fc.uniqueArray(aName, { minLength: 1, maxLength: 3 }),
    owners: fc.array(aTeam, { minLength: 3, maxLength: 3 }),
    roles: fc.uniqueArray(aName, { minLength: 1, maxLength: 3 }),
    agent: aName,
    leases: fc.uniqueArray(
      fc.record({ name: aName, owner: aTeam, tier: aTier, purposes: fc.subarray(['search', 'repair']) }),
      {
        selector: ({ name }) => name,
        minLength: 1,
        maxLength: 3,
      },
    ),
    credentials: fc.uniqueArray(aName, { minLength: 1, maxLength: 2 }),
  })
  .map(({ workloads, owners, roles, agent, leases, credentials }) => ({
    ...anInventory('production', anAccess(accessOf({ workloads, owners, roles, agent, leases }))),
    workloads: workloads.map((name) => ({ name, principal: `arn:aws:iam::111111111111:role/${name}` })),
    credentials: credentials.map((name, at) =>
      aCredential(name, { owner: owners[at] ?? 'red', boundTo: workloads.slice(at) }),
    ),
  }));

interface Named {
  readonly workloads: readonly string[];
  readonly owners: readonly string[];
  readonly roles: readonly string[];
  readonly agent: string;
  readonly leases: readonly Pick<
    AccessInventory['leasables'][number],
    'name' | 'owner' | 'tier' | 'purposes'
  >[];
}

const accessOf = ({ workloads, owners, roles, agent, leases }: Named): Partial<AccessInventory> => ({
  workloadOwners: Object.fromEntries(workloads.map((name, at) => [name, owners[at] ?? 'red'])),
  roles: roles.map((name, at) => ({ name, owner: owners[at] ?? 'blue', groups: [], principals: [] })),
  agents: [{ name: agent, owner: owners[0] ?? 'red', workload: workloads[0] ?? '', actsFor: 'itself' }],
  leaseAuthorities: [],
  tiers: {},
  leasables: leases.map(({ name, ...rest }) => aLeasable(name, rest)),
});

/** Policies of many shapes, over the same names; ids are added by whoever uses them. */
export const aPolicy: fc.Arbitrary<string> = fc
  .record({
    effect: fc.constantFrom('permit', 'forbid'),
    principal: fc.oneof(
      fc.constantFrom(
        'principal',
        'principal is Lockstep::Workload',
        'principal is Lockstep::Agent',
        'principal is Lockstep::Person',
        'principal in Lockstep::Team::"red"',
        'principal is Lockstep::Person in Lockstep::Role::"on-call"',
      ),
      aName.map((name) => `principal == Lockstep::Workload::${cedarText(name)}`),
      aName.map((name) => `principal in Lockstep::Role::${cedarText(name)}`),
    ),
    action: fc.constantFrom(
      'action',
      'action == Lockstep::Action::"lease"',
      'action in [Lockstep::Action::"lease", Lockstep::Action::"read"]',
    ),
    resource: fc.oneof(
      fc.constantFrom('resource', 'resource is Lockstep::Leasable', 'resource in Lockstep::Class::"tier:0"'),
      aName.map((name) => `resource == Lockstep::Leasable::${cedarText(name)}`),
    ),
    condition: fc.constantFrom(
      'true',
      'principal in resource.owner',
      'resource has purposes && context has purpose && resource.purposes.contains(context.purpose)',
      'context.mfa',
      'principal is Lockstep::Agent && principal.workload in resource.owner',
      'context has approvalCount && context.approvalCount < 1',
      'context has approvals && context.approvals.contains(principal)',
      'resource has boundTo && resource.boundTo.contains(principal)',
      'resource.owner == Lockstep::Team::"blue"',
      'context has agent && context.agent in resource.owner',
      'resource.tier * 9223372036854775807 + resource.tier > 0',
    ),
  })
  .map(
    ({ effect, principal, action, resource, condition }) =>
      `${effect} (${principal}, ${action}, ${resource}) when { ${condition} };`,
  );

/** A text as Cedar reads it: every character that could mean something is written as its number. */
export const cedarText = (text: string): string =>
  `"${Array.from(text, (each) => (/^[a-z0-9-]$/.test(each) ? each : `\\u{${(each.codePointAt(0) ?? 0).toString(16)}}`)).join('')}"`;

const aContext: fc.Arbitrary<PolicyContext> = fc.record({
  environment: fc.constantFrom('production', 'staging'),
  purpose: aPurpose,
  ttlSeconds: fc.constantFrom(60, 3600, 3601),
  now: fc.constant(0),
  approvals: fc.uniqueArray(aName, { maxLength: 2 }),
  breakGlass: fc.boolean(),
  mfa: fc.boolean(),
});

/** A question about somebody and something of an inventory, and now and then about nobody. */
export const aRequestOf = ({ workloads, credentials, access }: Inventory): fc.Arbitrary<PolicyRequest> =>
  fc
    .record({
      principal: fc.oneof(
        fc.constantFrom(...workloads.map(({ name }) => ({ type: 'Workload' as const, id: name }))),
        fc.constantFrom(...(access?.agents ?? []).map(({ name }) => ({ type: 'Agent' as const, id: name }))),
        aName.map((id) => ({ type: 'Person' as const, id })),
      ),
      roles: fc.subarray([...(access?.roles ?? []).map(({ name }) => name), 'unknown']),
      what: fc.oneof(
        fc.constantFrom(
          ...(access?.leasables ?? []).map(({ name }) => ({
            action: 'lease' as const,
            resource: { type: 'Leasable' as const, id: name },
          })),
        ),
        fc.constantFrom(
          ...credentials.map(({ name }) => ({
            action: 'read' as const,
            resource: { type: 'Credential' as const, id: name },
          })),
        ),
      ),
      context: aContext,
      agent: fc.boolean(),
    })
    .map(({ principal, roles, what, context, agent }) => ({
      principal,
      ...(principal.type === 'Person' ? { roles } : {}),
      ...what,
      context: {
        ...context,
        ...(agent && principal.type === 'Person' ? { agent: access?.agents[0]?.name ?? '' } : {}),
      },
    }));
