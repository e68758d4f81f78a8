import { describe, expect, it } from 'vitest';
import { openPolicyEngine, THE_QUESTION } from '../../lambdas/cedar/cedar-engine.ts';
import type { PolicyContext, PolicyRequest } from '../../lambdas/core/policy/policy-request.ts';
import { anAccess, aLeasable, anInventory } from './an-inventory.ts';
import { policiesOf, thePolicies } from './the-policies.ts';

const context = (changes: Partial<PolicyContext> = {}): PolicyContext => ({
  environment: 'staging',
  purpose: 'answer-questions',
  ttlSeconds: 900,
  now: Date.parse('2026-11-28T12:00:00.000Z'),
  approvals: [],
  breakGlass: false,
  mfa: false,
  ...changes,
});
const lease = (changes: Partial<PolicyRequest> = {}): PolicyRequest => ({
  principal: { type: 'Workload', id: 'rag-api' },
  action: 'lease',
  resource: { type: 'Leasable', id: 'vector-reader' },
  context: context(),
  ...changes,
});
const engine = openPolicyEngine({ bundle: thePolicies(), inventory: anInventory() });
const deciding = (text: string, inventory = anInventory()) =>
  openPolicyEngine({ bundle: policiesOf(text), inventory });
const ALLOW = '@id("all") permit (principal, action, resource);';

describe('what is decided', () => {
  it('is allowed where a policy permits, and says which', () => {
    expect(engine.decide(lease())).toEqual({
      allowed: true,
      policies: ['team-leases-its-own'],
      errors: [],
    });
  });

  it('is denied where no policy permits', () => {
    const principal = { type: 'Workload', id: 'agent-runner' } as const;
    expect(engine.decide(lease({ principal }))).toEqual({ allowed: false, policies: [], errors: [] });
  });

  it('is denied where a policy forbids, whatever permits, and says which', () => {
    const answer = engine.decide(lease({ context: context({ ttlSeconds: 3601 }) }));
    expect(answer).toMatchObject({ allowed: false, policies: ['never-longer-than-declared'] });
  });

  it('may depend on what is only reached through something else: the team of the workload that an agent runs as', () => {
    const through =
      deciding(`@id("through") permit (principal is Lockstep::Agent, action == Lockstep::Action::"lease", resource)
      when { principal.workload in resource.owner };`);
    const agent = { type: 'Agent', id: 'research-agent' } as const;
    const asked = (id: string) =>
      through.decide(lease({ principal: agent, resource: { type: 'Leasable', id } })).allowed;
    expect([asked('model-session'), asked('vector-reader')]).toEqual([true, false]);
  });

  it('is the same for the same question', () => {
    expect(engine.decide(lease())).toEqual(engine.decide(lease()));
  });
});

describe('whoever or whatever is not known', () => {
  it.each([
    ['a workload', { principal: { type: 'Workload', id: 'nobody' } as const }],
    ['an agent', { principal: { type: 'Agent', id: 'nobody' } as const }],
    ['a leasable', { resource: { type: 'Leasable', id: 'nothing' } as const }],
    ['a credential as a leasable', { resource: { type: 'Leasable', id: 'store' } as const }],
    ['a person without a role', { principal: { type: 'Person', id: 'https://id.example.com|7' } as const }],
    [
      'a person with a role that the inventory does not have',
      {
        principal: { type: 'Person', id: 'https://id.example.com|7' } as const,
        roles: ['administrator'],
      },
    ],
  ])('%s gets nothing, even where policy permits everything', (_, change) => {
    expect(deciding(ALLOW).decide(lease(change))).toEqual({ allowed: false, policies: [], errors: [] });
  });

  it('nothing is allowed without access in the inventory', () => {
    const { access: _, ...without } = anInventory();
    expect(deciding(ALLOW, without).decide(lease()).allowed).toBe(false);
  });
});

describe('an evaluation that fails', () => {
  // Cedar leaves a policy out that fails and decides by the others: a forbid that overflows would stop nobody.
  const overflowing = `${ALLOW} @id("overflows") forbid (principal, action in [Lockstep::Action::"lease"], resource)
    when { resource.tier * 9223372036854775807 > context.approvalCount - 9223372036854775807 };`;

  it('denies, though a policy permits, and names the policy that failed', () => {
    const inventory = anInventory(
      'staging',
      anAccess({ leasables: [aLeasable('vector-reader', { tier: 2 })] }),
    );
    const answer = deciding(overflowing, inventory).decide(lease());
    expect(answer).toEqual({ allowed: false, policies: ['all'], errors: ['overflows'] });
  });

  it.each([
    ['an address that is none', { source: '10.0.0.1 || true' }],
    ['an instant beyond all calendars', { now: 8.64e15 }],
    ['a ttl that is no number', { ttlSeconds: Number.NaN }],
    ['a purpose with half a character', { purpose: '\uD800' }],
    ['a missing purpose', { purpose: undefined }],
  ])('denies a question with %s', (_, change) => {
    const asked = { ...context(), ...change } as PolicyContext;
    expect(deciding(ALLOW).decide(lease({ context: asked }))).toEqual({
      allowed: false,
      policies: [],
      errors: [THE_QUESTION],
    });
  });

  it('denies a question about an action that there is not', () => {
    const action = 'own' as PolicyRequest['action'];
    expect(deciding(ALLOW).decide(lease({ action }))).toMatchObject({
      allowed: false,
      errors: [THE_QUESTION],
    });
  });

  it('goes on deciding after a question that made the engine throw', () => {
    const all = deciding(ALLOW);
    all.decide(lease({ principal: { type: 'Person', id: '\uD800' }, roles: ['on-call'] }));
    expect(all.decide(lease())).toMatchObject({ allowed: true });
  });
});

describe('names that try to be more than names', () => {
  const owner = 'arn:aws:iam::111111111111:role/owner';
  const only = `@id("only") permit (principal == Lockstep::Person::"${owner}", action, resource);`;

  it.each([
    `${owner}"`,
    `${owner}", action, resource); permit (principal, action, resource); //`,
    `${owner}\n`,
    `${owner}\u0000`,
    `${owner} `,
    owner.toUpperCase(),
    `Lockstep::Person::"${owner}"`,
    '{"__entity":{"type":"Lockstep::Role","id":"on-call"}}',
    'Lockstep::Role::"on-call"',
  ])('%j is nobody else', (id) => {
    const person = { type: 'Person', id } as const;
    expect(deciding(only).decide(lease({ principal: person })).allowed).toBe(false);
    expect(engine.decide(lease({ principal: person })).allowed).toBe(false);
  });

  it('a role called like another one in another case, or with its namespace, is not that role', () => {
    const asked = context({ breakGlass: true, mfa: true });
    const withRole = (role: string) =>
      engine.decide(lease({ principal: { type: 'Person', id: 'p' }, roles: [role], context: asked })).allowed;
    expect(withRole('on-call')).toBe(true);
    expect(['On-Call', 'Lockstep::Role::"on-call"', 'on-call"', ' on-call'].some(withRole)).toBe(false);
  });

  it('an entity of another type with the same name is another entity', () => {
    const person = { type: 'Person', id: 'research-agent' } as const;
    expect(engine.decide(lease({ principal: { type: 'Agent', id: 'research-agent' } })).allowed).toBe(true);
    expect(engine.decide(lease({ principal: person })).allowed).toBe(false);
  });

  it('a purpose that looks like an expression is a text', () => {
    const purpose = 'answer-questions" || true || "';
    expect(engine.decide(lease({ context: context({ purpose }) })).allowed).toBe(false);
  });

  it('a person with the name of an approval is still one person', () => {
    const asked = context({ approvals: ['approval:1', 'approval:1'] });
    const person = { type: 'Person', id: 'p' } as const;
    const asPerson = { principal: person, roles: ['on-call'] };
    const db = { resource: { type: 'Leasable', id: 'db-owner' } as const };
    const two =
      deciding(`${ALLOW} @id("two") @approvals("2") forbid (principal, action in [Lockstep::Action::"lease"], resource)
      when { context.approvalCount < 2 };`);
    expect(two.decide(lease({ ...asPerson, ...db, context: asked }))).toMatchObject({
      allowed: false,
      approvalsNeeded: 2,
    });
  });
});

describe('approvals', () => {
  const two = `${ALLOW} @id("two") @approvals("2") forbid (principal, action in [Lockstep::Action::"lease"], resource)
    when { context.approvalCount < 2 } unless { context.breakGlass };`;

  it('says how many would do, and by which policy they are needed', () => {
    expect(deciding(two).decide(lease())).toEqual({
      allowed: false,
      policies: ['two'],
      errors: [],
      approvalsNeeded: 2,
    });
  });

  it('counts people, and not how often they said it', () => {
    const decided = (approvals: readonly string[]) =>
      deciding(two).decide(lease({ context: context({ approvals }) }));
    expect(decided(['a', 'a'])).toMatchObject({ allowed: false, approvalsNeeded: 2 });
    expect(decided(['a', 'b'])).toMatchObject({ allowed: true });
  });

  it('says nothing of approvals where they would not help', () => {
    const never = `${two} @id("never") forbid (principal, action, resource);`;
    expect(deciding(never).decide(lease())).toEqual({
      allowed: false,
      policies: ['never', 'two'],
      errors: [],
    });
  });

  it('asks for the fewest that would do', () => {
    const staged = `${ALLOW}
      @id("one") @approvals("1") forbid (principal, action == Lockstep::Action::"lease", resource) when { context.approvalCount < 1 };
      @id("three") @approvals("3") forbid (principal, action == Lockstep::Action::"lease", resource)
        when { resource.tier == 0 && context.approvalCount < 3 };`;
    const answer = (id: string) => deciding(staged).decide(lease({ resource: { type: 'Leasable', id } }));
    expect(answer('vector-reader').approvalsNeeded).toBe(1);
    expect(answer('db-owner').approvalsNeeded).toBe(3);
  });

  it('asks for none where the glass is broken', () => {
    expect(deciding(two).decide(lease({ context: context({ breakGlass: true }) })).allowed).toBe(true);
  });
});

describe('engines side by side', () => {
  it('decide by their own policies, whichever opened last', () => {
    const strict = deciding('@id("strict") forbid (principal, action, resource);');
    const open = deciding(ALLOW);
    expect([strict.decide(lease()).allowed, open.decide(lease()).allowed]).toEqual([false, true]);
    expect([strict.decide(lease()).allowed, open.decide(lease()).allowed]).toEqual([false, true]);
  });

  it('decide by what their inventory says, though the policies are the same', () => {
    const other = anInventory(
      'staging',
      anAccess({ leasables: [aLeasable('vector-reader', { owner: 'agents-team' })] }),
    );
    const there = openPolicyEngine({ bundle: thePolicies(), inventory: other });
    expect(engine.decide(lease()).allowed).toBe(true);
    expect(there.decide(lease()).allowed).toBe(false);
  });

  it('go on deciding rightly when there are more sets of policies than are kept parsed', () => {
    const leasables = Array.from({ length: 6 }, (_, at) => aLeasable(`store-${at}`));
    const text = leasables
      .map(
        ({ name }, at) => `@id("p-${at}") ${at % 2 === 0 ? 'permit' : 'forbid'} (
          principal, action, resource == Lockstep::Leasable::"${name}");`,
      )
      .join('\n');
    const many = openPolicyEngine({
      bundle: policiesOf(text),
      inventory: anInventory('staging', anAccess({ leasables })),
      keptSets: 2,
    });
    const answers = [...leasables, ...leasables].map(({ name }) =>
      many.decide(lease({ resource: { type: 'Leasable', id: name } })),
    );
    expect(answers).toEqual(
      answers.map((_, at) => ({
        allowed: (at % 6) % 2 === 0,
        policies: [`p-${at % 6}`],
        errors: [],
      })),
    );
  });
});

it('refuses to open with policies that cannot be parsed', () => {
  const broken = {
    ...policiesOf(ALLOW),
    policies: { broken: { file: 'policies/broken.cedar', text: 'permit (' } },
  };
  expect(() => openPolicyEngine({ bundle: broken, inventory: anInventory() })).toThrowError(
    /the policy broken of policies\/broken\.cedar cannot be parsed/,
  );
});

it('refuses to open with a schema that cannot be parsed', () => {
  const broken = { ...policiesOf(ALLOW), schema: 'entity' };
  expect(() => openPolicyEngine({ bundle: broken, inventory: anInventory() })).toThrowError(/schema/);
});
