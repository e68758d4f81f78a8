import { beforeAll, describe, expect, it } from 'vitest';
import { compareDecisions } from '../../../lambdas/cedar/review/compare-decisions.ts';
import type { AccessInventory } from '../../../lambdas/core/access/access-inventory.ts';
import { aLeasable, anAccess, anInventory } from '../an-inventory.ts';
import { policiesOf } from '../the-policies.ts';

const LEASE = `@id("lease") permit (principal is Lockstep::Workload,
  action in [Lockstep::Action::"lease", Lockstep::Action::"renew"], resource) when { principal in resource.owner };`;
const READ = `@id("read") permit (principal is Lockstep::Workload, action == Lockstep::Action::"read", resource)
  when { resource.boundTo.contains(principal) };`;

const version = (text: string, access: AccessInventory = anAccess(), environments = ['staging']) => ({
  bundle: policiesOf(text),
  inventories: environments.map((environment) => anInventory(environment, access)),
});
const NEVER = { outcome: 'never', needs: [] };
const ALWAYS = { outcome: 'always', needs: [] };
const vectors = { type: 'Leasable', id: 'vector-reader' };

// The first evaluation compiles the engine, which may take as long as all others together.
beforeAll(() => void compareDecisions(version(LEASE), version(READ)), 60_000);

describe('decisions between two versions', () => {
  it('do not change where nothing does, nor where a policy is only called otherwise', () => {
    expect(compareDecisions(version(LEASE), version(LEASE))).toEqual([]);
    expect(compareDecisions(version(LEASE), version(LEASE.replace('@id("lease")', '@id("rent")')))).toEqual(
      [],
    );
  });

  it('are given by a permit, told once for actions and environments that change alike', () => {
    const environments = ['staging', 'production'];
    expect(
      compareDecisions(
        version(READ, anAccess(), environments),
        version(READ + LEASE, anAccess(), environments),
      ),
    ).toEqual([
      {
        environments,
        asker: 'workload:rag-api',
        actions: ['lease', 'renew'],
        resource: vectors,
        purpose: 'answer-questions',
        breakGlass: false,
        before: NEVER,
        after: ALWAYS,
      },
    ]);
  });

  it('are put under a condition by a forbid, which is told in words of Cedar', () => {
    const forbid = `@id("short") forbid (principal, action == Lockstep::Action::"lease", resource) when { context.ttl > duration("5m") };`;
    expect(compareDecisions(version(LEASE), version(LEASE + forbid))).toMatchObject([
      {
        actions: ['lease'],
        before: ALWAYS,
        after: { outcome: 'depends', needs: ['context.ttl <= duration("5m")'] },
      },
    ]);
  });
});

describe('decisions between two versions of an inventory', () => {
  it('change with the inventory alone: an owner, a binding, something new', () => {
    const moved = anAccess({
      leasables: [aLeasable('vector-reader', { owner: 'agents-team' }), aLeasable('notes')],
    });
    const changes = compareDecisions(version(LEASE), version(LEASE, moved));
    expect(
      changes.map(({ resource, before, after }) => [resource.id, before.outcome, after.outcome]),
    ).toEqual([
      ['vector-reader', 'always', 'never'],
      ['notes', 'never', 'always'],
    ]);
    const bindings = anAccess({ purposeBindings: [] });
    expect(compareDecisions(version(LEASE), version(LEASE, bindings))).toMatchObject([
      { before: ALWAYS, after: NEVER },
    ]);
  });

  it('of an environment that is only in one version are all given or taken away', () => {
    const changes = compareDecisions(version(READ), version(READ, anAccess(), ['staging', 'production']));
    expect(changes).toMatchObject([
      { environments: ['production'], asker: 'workload:rag-api', before: NEVER },
    ]);
  });

  it('are told of broken glass only where it makes a difference', () => {
    const glass = `@id("glass") permit (principal in Lockstep::Role::"on-call", action == Lockstep::Action::"lease", resource)
      when { context.breakGlass && context.purpose == "investigate" };`;
    const changes = compareDecisions(version(LEASE), version(LEASE + glass));
    expect(new Set(changes.map(({ breakGlass }) => breakGlass))).toEqual(new Set([true]));
    const removed = compareDecisions(version(LEASE), version(READ));
    expect(removed.filter(({ breakGlass }) => breakGlass)).toEqual([]);
  });
});
