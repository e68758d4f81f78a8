import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openPolicyEngine } from '../../lambdas/cedar/cedar-engine.ts';
import { actionUid, uidOf } from '../../lambdas/cedar/cedar-words.ts';
import { contextOf } from '../../lambdas/cedar/context.ts';
import { entitiesOf, type CedarEntity } from '../../lambdas/cedar/entities.ts';
import type { Inventory } from '../../lambdas/core/credential.ts';
import type { PolicyRequest } from '../../lambdas/core/policy/policy-request.ts';
import { plainAnswer } from '../policies/golden-tables.ts';
import { aPolicy, anInventoryOf, aRequestOf } from './random-worlds.ts';
import { policiesOf } from './the-policies.ts';

const bundleOf = (policies: readonly string[]) =>
  policiesOf(policies.map((text, at) => `@id("p-${at}") ${text}`).join('\n'));

const aWorld = fc
  .record({ inventory: anInventoryOf, policies: fc.array(aPolicy, { minLength: 1, maxLength: 6 }) })
  .chain((world) => aRequestOf(world.inventory).map((request) => ({ ...world, request })));

/** Every entity there is, and the person of the question with its roles. */
function allEntities(inventory: Inventory, { principal, roles = [] }: PolicyRequest): readonly CedarEntity[] {
  const entities = entitiesOf(inventory);
  const known = roles.filter((role) => inventory.access?.roles.some(({ name }) => name === role));
  const person: CedarEntity = {
    uid: uidOf(principal),
    attrs: {},
    parents: known.map((id) => uidOf({ type: 'Role', id })),
  };
  return [...entities.values(), ...(principal.type === 'Person' ? [person] : [])];
}

const isStranger = (inventory: Inventory, { principal, roles = [] }: PolicyRequest): boolean =>
  principal.type === 'Person' &&
  !roles.some((role) => inventory.access?.roles.some(({ name }) => name === role));

describe('over random worlds, names and policies', { timeout: 120_000 }, () => {
  // Policies whose head does not fit and entities that are not reached are left out: no answer may depend on them.
  it('a decision is the one that Cedar makes of all policies and all entities', () => {
    const seen = { allow: 0, deny: 0, fails: 0 };
    const agrees = fc.property(aWorld, ({ inventory, policies, request }) => {
      const bundle = bundleOf(policies);
      const answer = openPolicyEngine({ bundle, inventory }).decide(request);
      const plain = plainAnswer(bundle, allEntities(inventory, request), {
        principal: uidOf(request.principal),
        action: actionUid(request.action),
        resource: uidOf(request.resource),
        context: contextOf(request.action, request.context),
      });
      const isAllowed =
        plain.decision === 'allow' && plain.errors.length === 0 && !isStranger(inventory, request);
      expect(answer.allowed).toBe(isAllowed);
      seen[plain.errors.length > 0 ? 'fails' : plain.decision] += 1;
      const told = isStranger(inventory, request) ? { reason: [], errors: [] } : plain;
      expect({ reason: answer.policies, errors: answer.errors }).toEqual({
        reason: told.reason,
        errors: told.errors,
      });
    });
    // Few are allowed and few fail: chance alone must not decide whether some were looked at.
    for (let batch = 0; batch < 12 && Math.min(...Object.values(seen)) === 0; batch += 1)
      fc.assert(agrees, { numRuns: 250 });
    expect(Math.min(...Object.values(seen))).toBeGreaterThan(0);
  });

  it('a further forbid, and a permit less, never allow more', () => {
    fc.assert(
      fc.property(aWorld, aPolicy, ({ inventory, policies, request }, further) => {
        const decide = (some: readonly string[]) =>
          openPolicyEngine({ bundle: bundleOf(some), inventory }).decide(request).allowed;
        const before = decide(policies);
        const forbid = further.replace(/^permit/, 'forbid');
        const fewer = policies.filter((policy) => !policy.startsWith('permit'));
        expect(decide([...policies, forbid]) && !before).toBe(false);
        expect(fewer.length > 0 && decide(fewer)).toBe(false);
      }),
      { numRuns: 80 },
    );
  });
});

describe('approvals over random worlds', { timeout: 120_000 }, () => {
  it('what they are said to lift is lifted by so many other people, and by no fewer', () => {
    let lifted = 0;
    fc.assert(
      fc.property(aWorld, fc.integer({ min: 1, max: 3 }), ({ inventory, policies, request }, needed) => {
        const all = '@id("all") permit (principal, action, resource);';
        const gate = `@id("gate") @approvals("${needed}") forbid (principal, action == Lockstep::Action::"lease", resource)
          when { context.approvalCount < ${needed} };`;
        const others = policies.map((text, at) => `@id("p-${at}") ${text}`).slice(0, 2);
        const engine = openPolicyEngine({ bundle: policiesOf([all, gate, ...others].join('\n')), inventory });
        const asked = (count: number) => {
          const approvals = Array.from({ length: count }, (_, at) => `approval:${at + 1}`);
          return engine.decide({ ...request, context: { ...request.context, approvals } });
        };
        const { approvalsNeeded } = asked(0);
        if (approvalsNeeded === undefined) return;
        lifted += 1;
        expect([approvalsNeeded, asked(needed).allowed, asked(needed - 1).allowed]).toEqual([
          needed,
          true,
          false,
        ]);
      }),
      { numRuns: 100 },
    );
    expect(lifted).toBeGreaterThan(0);
  });
});
