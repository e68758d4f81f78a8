import { beforeAll, describe, expect, it } from 'vitest';
import type { AccessInventory } from '../../../lambdas/core/access/access-inventory.ts';
import { aLeasable, anInventory } from '../an-inventory.ts';
import { access, check, found, inventories, SOUND, without } from './sound-policies.ts';

const both = [...inventories(), anInventory('production', access())];

// The first evaluation compiles the engine, which may take as long as all others together.
beforeAll(() => void check(SOUND), 60_000);

it('finds nothing wrong with sound policies', () => {
  expect(check(SOUND, both)).toEqual({ problems: [], idle: [], remarks: [] });
});

describe('validation', () => {
  it.each([
    ['resource.teir == 0', 'attribute `teir`'],
    ['resource.tier == "0"', 'types'],
    ['context.source.isLoopback()', 'optional attribute `source`'],
    ['resource.tier == 1 && false', 'policy is impossible'],
    ['Lockstep::Role::"rеtrieval" == Lockstep::Role::"on-call"', 'mixed scripts'],
  ])('refuses %s', (condition, said) => {
    const wrong = `${SOUND} @id("wrong") permit (principal, action == Lockstep::Action::"lease", resource) when { ${condition} };`;
    const { problems } = check(wrong);
    expect(problems.map(({ path }) => path)).toContain('policies/test.cedar: wrong');
    expect(problems.map(({ found: what }) => what).join('\n')).toContain(said);
  });

  it('says nothing else of policies that are not valid', () => {
    const { problems } = check(
      '@id("wrong") permit (principal, action, resource) when { resource.teir == 0 };',
    );
    expect(new Set(problems.map(({ path }) => path))).toEqual(new Set(['policies/test.cedar: wrong']));
  });
});

describe('policies that decide nothing', () => {
  it('finds a forbid for a name that no environment has: it stops nobody, and nobody notices', () => {
    const forbid = `${SOUND} @id("stop") forbid (principal == Lockstep::Agent::"reserch-agent", action, resource);`;
    expect(check(forbid).problems).toMatchObject([
      {
        path: 'policies/test.cedar: stop',
        found: 'Agent reserch-agent, which the inventory has in no environment',
        mend: expect.stringContaining('did you mean research-agent?'),
      },
    ]);
  });

  it('finds such a name in a condition too, and an environment that is declared nowhere', () => {
    const condition = `@id("stop") forbid (principal, action == Lockstep::Action::"lease", resource)
      when { context.environment == Lockstep::Environment::"prod" };`;
    expect(found(`${SOUND} ${condition}`)).toEqual([
      'policies/test.cedar: stop: Environment prod, which the inventory has in no environment',
    ]);
  });

  it('knows the names of every environment, whichever one is looked at', () => {
    const one = `@id("stop") forbid (principal, action == Lockstep::Action::"lease", resource)
      when { context.environment == Lockstep::Environment::"production" && context.approvalCount < 1 }
      unless { context.breakGlass };`;
    expect(check(`${SOUND} ${one}`, both, 'staging').problems).toEqual([]);
  });

  it('finds a permit that is overruled wherever it holds, and says by what', () => {
    const overruled = `${SOUND}
      @id("never") permit (principal == Lockstep::Workload::"rag-api", action == Lockstep::Action::"approve", resource);
      @id("give") permit (principal is Lockstep::Workload, action == Lockstep::Action::"renew", resource)
        when { context.ttl < duration("1m") };
      @id("take") forbid (principal is Lockstep::Workload, action == Lockstep::Action::"renew", resource);`;
    expect(found(overruled)).toEqual(
      expect.arrayContaining([
        expect.stringContaining('policies/test.cedar: never: unable to find an applicable action'),
      ]),
    );
    expect(found(without('never', overruled))).toEqual([
      'policies/test.cedar: give: a permit that is overruled wherever it holds, by four-eyes, take',
    ]);
  });

  it('finds a permit for somebody by name that gives nothing', () => {
    const nothing = `${SOUND} @id("give") permit (principal == Lockstep::Workload::"rag-api",
      action == Lockstep::Action::"read", resource) when { resource.tier == 2 };`;
    expect(found(nothing)).toEqual([
      'policies/test.cedar: give: a permit that fits nobody and nothing of the inventory',
    ]);
  });

  it('remarks rules that nothing meets yet: the next credential may', () => {
    const rules = `${SOUND}
      @id("some-day") permit (principal is Lockstep::Workload, action == Lockstep::Action::"read", resource in Lockstep::Class::"kind:redis");
      @id("never-so") forbid (principal, action == Lockstep::Action::"read", resource) when { resource.tier == 2 };`;
    expect(check(rules)).toEqual({ problems: [], idle: ['some-day', 'never-so'], remarks: [] });
  });

  it('takes a guard for what this environment never is as a guard', () => {
    const guard = `${SOUND} @id("across") forbid (principal, action == Lockstep::Action::"lease", resource)
      when { context.environment != resource.environment };
      @id("self") forbid (principal is Lockstep::Person, action == Lockstep::Action::"lease", resource)
      when { context.approvals.contains(principal) };`;
    expect(check(guard)).toEqual({ problems: [], idle: [], remarks: [] });
  });
});

describe('policies that nothing is left of', () => {
  it.each([
    [
      'context.breakGlass && context.ttl > duration("2h")',
      'context.breakGlass && context.ttl > duration("30m")',
    ],
    ['context.breakGlass && context.approvalCount < 1', 'context.approvalCount < 2'],
    ['context.breakGlass && context.purpose == "investigate"', 'context.purpose != "answer-questions"'],
  ])('finds that a forbid leaves nothing of it, by what they compare: %s, and %s', (permitted, forbidden) => {
    const shut = `${SOUND.replace('when { context.breakGlass }', `when { ${permitted} }`)}
      @id("shut") forbid (principal, action == Lockstep::Action::"lease", resource) when { ${forbidden} };`;
    expect(found(shut)).toEqual([
      'policies/test.cedar: glass: a permit that is overruled wherever it holds, by shut',
      expect.stringContaining('leases.vector-reader: no emergency path'),
      expect.stringContaining('leases.vector-owner: no emergency path'),
    ]);
  });

  it.each([
    'context.ttl > duration("2h") && context.ttl <= duration("30m")',
    'context.approvalCount < 1 && context.approvalCount == 3',
    'context.purpose == "investigate" && ["answer-questions"].contains(context.purpose)',
    'context.mfa && !context.mfa',
    'context.ttl < duration("1s") || context.approvalCount < 0',
  ])('finds conditions that contradict each other, of a permit as of a forbid: when %s', (condition) => {
    const twice = `${SOUND}
      @id("give") permit (principal, action == Lockstep::Action::"lease", resource) when { ${condition} };
      @id("take") forbid (principal, action == Lockstep::Action::"lease", resource) when { ${condition} };`;
    expect(found(twice)).toEqual([
      'policies/test.cedar: give: conditions that contradict each other: no request meets all of them',
      'policies/test.cedar: take: conditions that contradict each other: no request meets all of them',
    ]);
  });

  it('finds a permit by name for whoever may state no purpose that it could be used for', () => {
    const give = `${SOUND} @id("give") permit (principal == Lockstep::Workload::"rag-api",
      action == Lockstep::Action::"lease", resource == Lockstep::Leasable::"vector-reader");`;
    const bound = [{ principal: 'role:on-call', purposes: ['investigate'] }];
    expect(found(give)).toEqual([]);
    expect(found(give, inventories({ purposeBindings: bound }))).toContain(
      'policies/test.cedar: give: a permit for whoever may state no purpose that it could be used for',
    );
    // Whoever comes by a token may have a purpose from there, which nobody sees here.
    const workloadTokens = { 'rag-api': [{ issuer: 'github', claims: { sub: 'rag' } }] };
    const byToken = inventories({ purposeBindings: bound, workloadTokens });
    expect(found(give, byToken).join()).not.toContain('give');
  });

  it('knows for how long something is leased at all', () => {
    const long = `${SOUND} @id("give") permit (principal == Lockstep::Workload::"rag-api",
      action == Lockstep::Action::"lease", resource) when { context.ttl > duration("2h") };`;
    expect(found(long)).toEqual([
      'policies/test.cedar: give: a permit that no request meets, as the inventory has it',
    ]);
  });
});

describe('policies for a person', () => {
  it.each([
    ['principal == Lockstep::Person::"https://id.example|mallory"', 'true'],
    ['principal is Lockstep::Person', 'principal == Lockstep::Person::"https://id.example|mallory"'],
    ['principal', 'context.approvals.contains(Lockstep::Person::"https://id.example|mallory")'],
    ['principal is Lockstep::Person', '[Lockstep::Person::"https://id.example|mallory"].contains(principal)'],
  ])('refuses somebody by name, whom no overview would show: %s, when %s', (head, condition) => {
    const door = `${SOUND} @id("tidy-up") permit (${head}, action == Lockstep::Action::"lease", resource) when { ${condition} };`;
    expect(check(door).problems).toMatchObject([
      {
        path: 'policies/test.cedar: tidy-up',
        found: 'the person https://id.example|mallory, by name',
        mend: 'declare a role that this person has, in roles, and name that',
      },
    ]);
  });
});

describe('what nobody may use', () => {
  it('finds a credential that nobody reads', () => {
    expect(found(without('read'))).toEqual(['credentials.store: nobody may use it (staging)']);
  });

  it('is told once, with the environments that have it', () => {
    expect(found(without('read'), both)).toEqual([
      'credentials.store: nobody may use it (staging, production)',
    ]);
  });

  it('finds a leasable whose purposes nobody who may lease it can state', () => {
    const over = inventories({ purposeBindings: [{ principal: 'role:on-call', purposes: ['investigate'] }] });
    expect(found(without('glass'), over)).toEqual(
      expect.arrayContaining([
        'leases.vector-reader: nobody may use it (staging)',
        'leases.vector-owner: nobody may use it (staging)',
      ]),
    );
  });

  it('finds a lease authority that makes nothing', () => {
    const over = inventories({
      leasables: [aLeasable('vector-reader', { purposes: ['investigate', 'answer-questions'] })],
    });
    expect(found(SOUND, over)).toContain('leaseAuthorities.db-leases: nobody may use it (staging)');
  });
});

describe('an emergency path', () => {
  it.each([
    ['glass', 'leases.vector-reader', 'lease it by breaking the glass'],
    ['operate', 'credentials.store', 'revoke it'],
    ['operate', 'credentials.store', 'have it rotated'],
    ['operate', 'leases.vector-reader', 'revoke its leases'],
  ])('is missed without %s: %s', (id, path, what) => {
    expect(found(without(id))).toContain(
      `${path}: no emergency path: no role's people may ${what} without somebody else's word (staging)`,
    );
  });

  it('is none that is closed to whoever breaks the glass', () => {
    const ordinary = SOUND.replace('when { context.breakGlass };', 'when { !context.breakGlass };');
    expect(found(ordinary).join('\n')).toContain('leases.vector-reader: no emergency path');
  });

  it('is none where it needs somebody else', () => {
    const asked = `${SOUND} @id("asked") forbid (principal, action == Lockstep::Action::"lease", resource)
      when { context.approvalCount < 1 };`;
    expect(found(asked).join('\n')).toContain('lease it by breaking the glass without somebody else');
  });
});

describe('four eyes for tier 0', () => {
  it('misses the second person, and names whoever needs none', () => {
    expect(found(without('four-eyes'))).toEqual([
      expect.stringMatching(
        /^leases\.vector-owner: tier 0, and without anybody's approval .* by workload:rag-api \(staging\)$/,
      ),
    ]);
  });

  it('misses somebody who may approve', () => {
    const nobody = SOUND.replace(', Lockstep::Action::"approve"', '');
    expect(found(nobody)).toEqual(['leases.vector-owner: tier 0, and nobody may approve it (staging)']);
  });

  it('is not content with a condition that may be met alone', () => {
    const alone = SOUND.replace(
      'unless { context.breakGlass }',
      'unless { context.breakGlass || context.mfa }',
    );
    expect(found(alone)).toEqual([
      expect.stringMatching(/^leases\.vector-owner: tier 0, and without anybody's/),
    ]);
  });

  it('finds a standing value of tier 0 that somebody reads', () => {
    const over = inventories({ tiers: { store: 0, 'db-admin': 0 } });
    expect(found(SOUND, over)).toEqual([
      expect.stringMatching(
        /^credentials\.store: tier 0, and its standing value may be read at any time by workload:rag-api/,
      ),
    ]);
  });
});

describe('people who approve', () => {
  const two = SOUND.replace('@id("four-eyes")', '@id("four-eyes") @approvals("2")').replace(
    'approvalCount < 1',
    'approvalCount < 2',
  );
  const arn = (name: string): string => `arn:aws:iam::111111111111:role/${name}`;
  const remarks = (role: Partial<AccessInventory['roles'][number]>, text = two) => {
    const roles = [{ name: 'on-call', groups: [], principals: [arn('on-call')], ...role }];
    return check(text, inventories({ roles, agents: [] })).remarks;
  };

  it('are remarked where they are fewer than a lease needs, whoever asks not counted', () => {
    expect(remarks({})).toEqual([
      'leases.vector-owner in staging needs 2 approval(s), and besides whoever asks 1 may give one: never for workload:rag-api',
    ]);
    const own = two.replace('principal in resource.owner', 'true');
    expect(remarks({}, own)).toEqual([
      expect.stringContaining('1 may give one: never for workload:rag-api'),
      expect.stringContaining('0 may give one: never for role:on-call'),
    ]);
  });

  it.each([
    ['by tokens', { groups: [{ issuer: 'people', group: 'sre' }] }],
    ['with proved session names', { sessionNamesProved: true }],
    [
      'of IAM Identity Center',
      { principals: [`arn:aws:iam::111111111111:role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_x`] },
    ],
    ['by two roles', { principals: [arn('on-call'), arn('second')] }],
  ])('are no remark where they are enough, or nobody can count them: %s', (_, role) => {
    expect(remarks(role)).toEqual([]);
  });
});

describe('the blast radius', () => {
  it('counts what a principal reaches by itself, by tier, and refuses more than the budget', () => {
    // rag-api reads store and leases vector-reader, 5 each; vector-owner needs somebody else.
    expect(found(SOUND, inventories({ blastRadius: { perPrincipal: 10 } }))).toEqual([]);
    expect(found(SOUND, inventories({ blastRadius: { perPrincipal: 9 } }))).toEqual([
      'blastRadius.perPrincipal: workload:rag-api reaches 10 by itself, of 9 (staging)',
    ]);
  });

  it('does not count a thing twice for its purposes', () => {
    const purposeBindings = [
      { principal: 'workload:rag-api', purposes: ['answer-questions', 'investigate'] },
      { principal: 'role:on-call', purposes: ['investigate'] },
    ];
    expect(found(SOUND, inventories({ purposeBindings, blastRadius: { perPrincipal: 10 } }))).toEqual([]);
  });
});

describe('the same rights under another name', () => {
  const grants = (...roles: readonly string[]) => ({
    database: 'rag',
    ownerRole: roles[0],
    grants: roles.map((role) => ({ role })),
  });
  const purposes = ['answer-questions', 'investigate'];
  const withReader = (reader: Parameters<typeof aLeasable>[1]) =>
    inventories({
      leasables: [
        aLeasable('vector-owner', { tier: 0, purposes, authority: 'db-leases', target: grants('owner') }),
        aLeasable('vector-reader', { purposes, authority: 'db-leases', ...reader }),
      ],
    });

  it('want the same tier', () => {
    expect(found(SOUND, withReader({ target: grants('reader') }))).toEqual([]);
    expect(found(SOUND, withReader({ target: grants('owner'), tier: 0 }))).toEqual([]);
    for (const target of [grants('owner'), grants('reader', 'owner')])
      expect(found(SOUND, withReader({ target }))).toEqual([
        'leases.vector-reader: tier 1, and it gives everything that vector-owner of tier 0 gives (staging)',
      ]);
  });
});
