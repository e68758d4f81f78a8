import { checkPolicies } from '../../../lambdas/cedar/review/check-policies.ts';
import type { AccessInventory } from '../../../lambdas/core/access/access-inventory.ts';
import type { Inventory } from '../../../lambdas/core/credential.ts';
import { aLeasable, anAccess, anInventory } from '../an-inventory.ts';
import { policiesOf } from '../the-policies.ts';

/** Enough of everything: reading, leasing, approving, operating, breaking the glass, and four eyes for tier 0. */
export const SOUND = `
@id("read") permit (principal is Lockstep::Workload, action == Lockstep::Action::"read", resource)
  when { resource.boundTo.contains(principal) };
@id("lease") permit (principal, action in [Lockstep::Action::"lease", Lockstep::Action::"renew"], resource)
  when { principal in resource.owner };
@id("operate") permit (principal in Lockstep::Role::"on-call",
  action in [Lockstep::Action::"rotate", Lockstep::Action::"revoke", Lockstep::Action::"approve"], resource);
@id("glass") permit (principal in Lockstep::Role::"on-call", action == Lockstep::Action::"lease", resource)
  when { context.breakGlass };
@id("four-eyes") forbid (principal, action in [Lockstep::Action::"lease", Lockstep::Action::"renew"],
  resource in Lockstep::Class::"tier:0") when { context.approvalCount < 1 } unless { context.breakGlass };
`;

/** A leasable for each team, one of tier 0 for whoever is on call to approve. */
export const access = (changes: Partial<AccessInventory> = {}): AccessInventory =>
  anAccess({
    leasables: [
      aLeasable('vector-reader', { purposes: ['answer-questions', 'investigate'], authority: 'db-leases' }),
      aLeasable('vector-owner', { tier: 0, purposes: ['answer-questions', 'investigate'] }),
    ],
    ...changes,
  });

/** That, in one environment. */
export const inventories = (changes: Partial<AccessInventory> = {}): readonly Inventory[] => [
  anInventory('staging', access(changes)),
];

/** What a check of policies says. */
export const check = (text: string, over = inventories(), only?: string) =>
  checkPolicies(policiesOf(text), over, only);

/** Its problems, a line each. */
export const found = (text: string, over = inventories()) =>
  check(text, over).problems.map((problem) => `${problem.path}: ${problem.found}`);

/** The policies but one. */
export const without = (id: string, text = SOUND) =>
  text
    .split(/(?=@id)/)
    .filter((policy) => !policy.startsWith(`@id("${id}")`))
    .join('');
