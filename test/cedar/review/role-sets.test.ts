import { beforeAll, describe, expect, it } from 'vitest';
import { checkPolicies } from '../../../lambdas/cedar/review/check-policies.ts';
import { compareDecisions } from '../../../lambdas/cedar/review/compare-decisions.ts';
import { roleSetsOf } from '../../../lambdas/cedar/review/role-sets.ts';
import { whatCan, whoCan } from '../../../lambdas/cedar/review/who-can.ts';
import type { AccessInventory } from '../../../lambdas/core/access/access-inventory.ts';
import { aLeasable, anAccess, anInventory } from '../an-inventory.ts';
import { policiesOf } from '../the-policies.ts';

const inventory = anInventory('staging');
const lease = 'action == Lockstep::Action::"lease"';
const ROLE = (name: string) => `principal in Lockstep::Role::"${name}"`;
/** What the people on call may have with approvals only, for each purpose that they may state. */
const SOUND = `@id("on-call") permit (${ROLE('on-call')}, ${lease}, resource) when { context.approvalCount >= 1 };`;
const TOGETHER = `${SOUND} @id("tidy-up") permit (principal is Lockstep::Person, ${lease}, resource)
  when { ${ROLE('retrieval')} && ${ROLE('on-call')} };`;
const APART = `${SOUND} @id("team") permit (${ROLE('retrieval')}, ${lease}, resource);
  @id("guard") forbid (principal, ${lease}, resource) unless { ${ROLE('on-call')} };`;
const askers = (text: string) =>
  whoCan(policiesOf(text), inventory, { action: 'lease', name: 'vector-reader' }).lines?.map(
    ({ asker, outcome }) => `${asker}: ${outcome}`,
  );

// The first evaluation compiles the engine, which may take as long as all others together.
beforeAll(() => void askers(SOUND), 60_000);

const version = (text: string, access?: AccessInventory) => ({
  bundle: policiesOf(text),
  inventories: [anInventory('staging', access)],
});

describe('people with several roles', () => {
  it('are those whose roles a policy names together, and those of any role beside one in a condition', () => {
    const sets = (text: string) => roleSetsOf([policiesOf(text)], inventory).map((roles) => roles.join(' '));
    expect(sets(SOUND)).toEqual([]);
    expect(sets(TOGETHER)).toEqual(expect.arrayContaining(['on-call retrieval', 'agents on-call']));
    expect(
      sets(
        `@id("t") permit (${ROLE('on-call')}, ${lease}, resource) when { principal in Lockstep::Team::"agents-team" };`,
      ),
    ).toContain('agents on-call');
  });

  it('are told where a permit needs two of their roles', () => {
    expect(askers(SOUND)).toEqual(['role:on-call: depends']);
    expect(askers(TOGETHER)).toEqual(['role:on-call: depends', 'role:on-call+retrieval: always']);
    const { lines } = whatCan(policiesOf(TOGETHER), inventory, 'role:on-call+retrieval');
    expect(lines?.map(({ policies }) => policies)).toContainEqual(['tidy-up']);
  });

  it('are told where one role has the permit, and another is what a forbid spares', () => {
    expect(askers(APART)).toEqual(['role:on-call: depends', 'role:on-call+retrieval: always']);
  });

  it('are not told of what they get by one role alone', () => {
    const either = `@id("either") permit (principal, ${lease}, resource) when { ${ROLE('on-call')} || ${ROLE('retrieval')} };`;
    expect(askers(either)).toEqual(['role:on-call: always']);
  });
});

describe('what several roles come to together', () => {
  it.each([
    ['given', SOUND, TOGETHER],
    ['taken away', TOGETHER, SOUND],
  ])('is compared: a permit that needs two is %s', (_how, before, after) => {
    const changes = compareDecisions(version(before), version(after));
    expect(new Set(changes.map(({ asker }) => asker))).toEqual(new Set(['role:on-call+retrieval']));
    expect(changes.map(({ resource }) => resource.id)).toContain('vector-reader');
  });

  it('is no change where only one version names the roles together, and gives nothing by it', () => {
    const same = `${SOUND} @id("more") permit (${ROLE('on-call')}, ${lease}, resource)
      when { ${ROLE('retrieval')} && context.approvalCount >= 1 };`;
    expect(compareDecisions(version(SOUND), version(same))).toEqual([]);
  });

  it('is told once, by the roles alone, where it changes for each of them', () => {
    const either = `@id("either") permit (principal, ${lease}, resource) when { ${ROLE('on-call')} || ${ROLE('retrieval')} };`;
    const access = anAccess({
      purposeBindings: ['on-call', 'retrieval'].map((name) => ({
        principal: `role:${name}`,
        purposes: ['investigate'],
      })),
    });
    const changes = compareDecisions(version(SOUND, access), version(either, access));
    expect(new Set(changes.map(({ asker }) => asker))).toEqual(new Set(['role:on-call', 'role:retrieval']));
  });
});

describe('what several roles come to together, in the check', () => {
  it('counts once for the blast radius where each role reaches its own', () => {
    const own = `${['on-call', 'retrieval']
      .map(
        (name, at) =>
          `@id("own-${at}") permit (${ROLE(name)}, ${lease}, resource == Lockstep::Leasable::"own-${at}");`,
      )
      .join('\n')}
      @id("named") forbid (principal, ${lease}, resource) when { ${ROLE('agents')} && ${ROLE('on-call')} && ${ROLE('retrieval')} };`;
    const access = anAccess({
      purposeBindings: ['on-call', 'retrieval'].map((name) => ({
        principal: `role:${name}`,
        purposes: ['investigate'],
      })),
      leasables: ['own-0', 'own-1'].map((name) => aLeasable(name, { purposes: ['investigate'] })),
      blastRadius: { perPrincipal: 5 },
    });
    const { problems } = checkPolicies(policiesOf(own), [anInventory('staging', access)]);
    expect(problems.filter(({ path }) => path === 'blastRadius.perPrincipal')).toEqual([]);
  });

  it('is found: tier 0 without four eyes, and too much for one person', () => {
    const access = anAccess({
      leasables: [aLeasable('vector-owner', { tier: 0, purposes: ['investigate'] })],
      blastRadius: { perPrincipal: 24 },
    });
    const found = checkPolicies(policiesOf(TOGETHER), [anInventory('staging', access)]).problems.map(
      (problem) => problem.found,
    );
    expect(found).toContain(
      "tier 0, and without anybody's approval it may be leased, or its lease renewed, by role:on-call+retrieval (staging)",
    );
    expect(found).toContain('role:on-call+retrieval reaches 25 by itself, of 24 (staging)');
  });
});
