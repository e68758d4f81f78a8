import { beforeEach, describe, expect, it } from 'vitest';
import type { Issuer } from '../../lambdas/core/access/access-inventory.ts';
import type { Caller, CallingAgent, Person } from '../../lambdas/core/access/caller.ts';
import { Door, roleArn, sessionArn, SSO_PATH } from './a-door.ts';

let door: Door;
beforeEach(async () => {
  door = await Door.open();
});

describe('a principal of AWS', () => {
  it('is the workload whose role it has assumed, whatever the path of that role', async () => {
    expect(await door.bySignature(sessionArn('rag-api', 'i-0abc'))).toEqual({
      is: 'workload',
      name: 'rag-api',
      proof: 'sigv4',
      principal: roleArn('rag-api', '/apps/'),
      session: 'i-0abc',
      claims: {},
    });
  });

  it('is a person by the session that IAM Identity Center names after them', async () => {
    const arn = sessionArn('AWSReservedSSO_OnCall_0a1b', 'ada@acme.example');
    expect(await door.bySignature(arn)).toMatchObject({
      is: 'person',
      name: 'identity-center/ada@acme.example',
      principal: roleArn('AWSReservedSSO_OnCall_0a1b', SSO_PATH),
      roles: ['on-call'],
      mfa: false,
    });
  });

  it('is the same person by each permission set, with the roles of that one', async () => {
    const principals = [roleArn('AWSReservedSSO_Finance_2c3d', SSO_PATH)];
    door.declare(({ roles }) => ({ roles: [...roles, { name: 'finance', groups: [], principals }] }));
    const people = await Promise.all(
      ['OnCall_0a1b', 'Finance_2c3d'].map((set) =>
        door.bySignature(sessionArn(`AWSReservedSSO_${set}`, 'ada')),
      ),
    );
    expect(people).toMatchObject([
      { name: 'identity-center/ada', roles: ['on-call'] },
      { name: 'identity-center/ada', roles: ['finance'] },
    ]);
  });

  it('is one person for all sessions of a role whose sessions anybody may name', async () => {
    const people = await Promise.all(
      ['ada', 'grace'].map((name) => door.bySignature(sessionArn('on-call', name))),
    );
    expect(people.map(({ name }) => name)).toEqual([roleArn('on-call'), roleArn('on-call')]);
    expect(people.map(({ session }) => session)).toEqual(['ada', 'grace']);
  });

  it('is a person by the session where the inventory says that its name is proved', async () => {
    const person = await door.bySignature(sessionArn('auditor', 'ada'));
    expect(person.name).toBe(`${roleArn('auditor')}/ada`);
  });

  it('is one person again where another role of the inventory says nothing of it', async () => {
    door.declare(({ roles }) => ({
      roles: [...roles, { name: 'reader', groups: [], principals: [roleArn('auditor')] }],
    }));
    const person = (await door.bySignature(sessionArn('auditor', 'ada'))) as Person;
    expect([person.name, person.roles]).toEqual([roleArn('auditor'), ['auditor', 'reader']]);
  });
});

describe('a person whom the inventory has by another name than iss and sub', () => {
  const okta = (more: Partial<Issuer>) =>
    door.declare(({ issuers }) => ({
      issuers: issuers.map((issuer) => (issuer.name.startsWith('okta') ? { ...issuer, ...more } : issuer)),
    }));

  it('is one person, by themselves and behind an agent, however each issuer calls them', async () => {
    okta({ people: 'staff', claims: { subject: 'oid' } });
    const claims = { groups: ['analysts'], oid: '8c1f' };
    const direct = await door.byToken(await door.tokenForAda({ subject: 'pairwise-1', claims }));
    const agent = await door.bySignature(
      sessionArn('research-agent'),
      await door.tokenForAgents({ subject: 'pairwise-2', claims }),
    );
    expect(direct).toMatchObject({ name: 'staff/8c1f', principal: 'https://okta.example|pairwise-1' });
    expect(agent).toMatchObject({ actingFor: { name: direct.name, roles: ['analyst'] } });
  });

  it('stands in a directory by the subject, and has another claim of the issuer itself', async () => {
    okta({ people: 'staff' });
    expect((await door.byToken(await door.tokenForAda())).name).toBe('staff/ada');
    await expect(reopened({ claims: { subject: 'a.b' } }, { a: { b: '8c1f' } })).resolves.toMatchObject({
      name: 'https://okta.example|8c1f',
    });
  });

  it.each([
    ['without the', {}],
    ['with another kind of', { oid: 7 }],
    ['with an empty', { oid: '' }],
    ['with an unprintable', { oid: 'ada\n' }],
    ['with a list as the', { oid: ['8c1f', '9d2a'] }],
    ['with two readings of the', { oid: '8c1f' }, 'a.b', { a: { b: '8c1f' }, 'a.b': '9d2a' }],
  ])(
    'is nobody %s claim that they are called by',
    async (_how, claims, subject = 'oid', more: object = {}) => {
      await expect(reopened({ claims: { subject } }, { ...claims, ...more })).rejects.toMatchObject({
        code: 'UNAUTHENTICATED',
        message: expect.stringContaining(`claim ${subject}`) as string,
      });
    },
  );

  /** Who Ada is at a door of its own. */
  async function reopened(more: Partial<Issuer>, claims: Readonly<Record<string, unknown>>): Promise<Caller> {
    door = await Door.open();
    okta(more);
    return door.byToken(await door.tokenForAda({ claims: { groups: ['analysts'], ...claims } }));
  }
});

describe('a token', () => {
  it('is a workload by the exact claims of one', async () => {
    const claims = { repository_id: '42' };
    const token = await door.issuers.github.token({ subject: 'repo:acme/app:ref:refs/heads/main', claims });
    expect(await door.byToken(token)).toMatchObject({
      is: 'workload',
      name: 'deploy',
      proof: 'token',
      principal: 'https://github.example|repo:acme/app:ref:refs/heads/main',
    });
  });

  it('is a workload by claims that lie deeper, under names with dots of their own', async () => {
    const kubernetes = { namespace: 'rag', serviceaccount: { name: 'api', uid: 'x' } };
    const token = await door.issuers.eks.token({ claims: { 'kubernetes.io': kubernetes } });
    expect(await door.byToken(token)).toMatchObject({ is: 'workload', name: 'rag-api' });
  });

  it('is a person by their groups', async () => {
    const token = await door.tokenForAda({
      claims: { groups: ['analysts', 'On Call'], amr: ['pwd', 'mfa'] },
    });
    expect(await door.byToken(token)).toMatchObject({
      is: 'person',
      name: 'https://okta.example|ada',
      roles: ['analyst', 'on-call'],
      mfa: true,
    });
  });

  it('proves no second factor by saying nothing of it', async () => {
    for (const claims of [{}, { amr: ['pwd'] }, { amr: 'pwd mfa' }])
      expect(await door.byToken(await door.tokenForAda({ claims }))).toMatchObject({ mfa: false });
  });

  it('may call its groups otherwise, where the inventory says how', async () => {
    door.declare(({ issuers }) => ({
      issuers: issuers.map((each) =>
        each.name === 'okta' ? { ...each, claims: { groups: 'org.teams' } } : each,
      ),
    }));
    const token = await door.tokenForAda({ claims: { groups: ['On Call'], org: { teams: ['analysts'] } } });
    expect(await door.byToken(token)).toMatchObject({ roles: ['analyst'] });
  });
});

describe('what a token narrows', () => {
  it('is said by the tags of the principal and of the request, in a token of AWS itself', async () => {
    const tags = {
      aws_account: '111122223333',
      principal_tags: { 'lockstep.purposes': 'deploy check report', team: 'platform' },
      request_tags: { 'lockstep.purposes': 'check report drop', 'lockstep.leases': 'github-deploy' },
    };
    const token = await door.issuers.aws.token({
      subject: roleArn('deploy'),
      claims: { 'https://sts.amazonaws.com/': tags },
    });
    const { claims } = await door.byToken(token);
    expect(claims).toMatchObject({
      purposes: ['deploy', 'check', 'report'],
      keptPurposes: ['check', 'report', 'drop'],
      leases: ['github-deploy'],
    });
  });

  it('is said by a claim of its own, or by one that the inventory names', async () => {
    const own = await door.byToken(
      await door.tokenForAda({ claims: { lockstep: { purposes: ['report'] } } }),
    );
    expect(own.claims.purposes).toEqual(['report']);
    door.declare(({ issuers }) => ({
      issuers: issuers.map((each) => ({ ...each, claims: { leases: 'scope' } })),
    }));
    const named = await door.byToken(await door.tokenForAda({ claims: { scope: 'a b' } }));
    expect(named.claims).toMatchObject({ leases: ['a', 'b'] });
  });

  it('is nothing where it says nothing of it', async () => {
    const { claims } = await door.byToken(await door.tokenForAda());
    expect(Object.keys(claims).sort()).toEqual(['expiresAt', 'tokenId']);
  });
});

describe('an identity of the embedded world', () => {
  it('is a workload, or a person of the roles that have it', async () => {
    const local = {
      by: 'embedded',
      identity: { is: 'workload', principal: 'embedded:local-service' },
    } as const;
    expect(await door.recognise(local)).toMatchObject({ is: 'workload', name: 'local-service' });
    const person = await door.recognise({
      by: 'embedded',
      identity: { is: 'person', principal: 'embedded:on-call', session: 'ada' },
    });
    expect(person).toMatchObject({
      is: 'person',
      name: 'embedded:on-call',
      session: 'ada',
      roles: ['on-call'],
    });
  });

  it('of a workload is none of a role of the same name, and the other way round', async () => {
    for (const [is, name] of [
      ['person', 'local-service'],
      ['workload', 'on-call'],
    ] as const)
      await expect(
        door.recognise({ by: 'embedded', identity: { is, principal: `embedded:${name}` } }),
      ).rejects.toMatchObject({ code: 'NOT_BOUND' });
  });
});

describe('an agent', () => {
  it('acts for the person whose token it shows', async () => {
    const token = await door.tokenForAgents({ claims: { 'lockstep.purposes': ['report'] } });
    const agent = (await door.bySignature(sessionArn('research-agent'), token)) as CallingAgent;
    expect(agent).toMatchObject({
      is: 'agent',
      name: 'researcher',
      workload: 'research-agent',
      actingFor: { is: 'person', name: 'https://okta.example|ada', roles: ['analyst'] },
    });
    expect(agent.actingFor?.claims.purposes).toEqual(['report']);
  });

  it('may show it until it expires, since its own signature is new each time', async () => {
    const token = await door.tokenForAgents();
    for (let time = 0; time < 3; time += 1)
      await expect(door.bySignature(sessionArn('research-agent'), token)).resolves.toBeDefined();
    door.clock.jump(400);
    await expect(door.bySignature(sessionArn('research-agent'), token)).rejects.toMatchObject({
      code: 'UNAUTHENTICATED',
    });
  });

  it('acts for itself where the inventory says so', async () => {
    const agent = await door.bySignature(sessionArn('night-agent'));
    expect(agent).toMatchObject({ is: 'agent', name: 'janitor' });
    expect(agent).not.toHaveProperty('actingFor');
  });
});

it('is counted, by what was shown and what came of it', async () => {
  await door.bySignature(sessionArn('rag-api'));
  await door.bySignature(sessionArn('stranger')).catch(() => undefined);
  expect(door.metrics.total('lockstep_callers', { proof: 'sigv4', outcome: 'recognised' })).toBe(1);
  expect(door.metrics.total('lockstep_callers', { proof: 'sigv4', outcome: 'refused' })).toBe(1);
});
