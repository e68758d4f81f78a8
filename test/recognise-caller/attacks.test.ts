import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AccessAsk } from '../../lambdas/contracts/access-requests.ts';
import { NO_ACCESS } from '../../lambdas/core/access/access-inventory.ts';
import { purposesOf } from '../../lambdas/core/access/purposes.ts';
import { isLockstepError } from '../../lambdas/core/errors.ts';
import { DOWN, type TokenParts } from '../fakes/token-issuer.ts';
import { ACCOUNT, Door, roleArn, sessionArn } from './a-door.ts';

let door: Door;
beforeEach(async () => {
  door = await Door.open();
});
afterEach(() => door.judge.assertClean());

const MAIN = 'repo:acme/app:ref:refs/heads/main';
const deployToken = (parts: TokenParts = {}) =>
  door.issuers.github.token({ subject: MAIN, ...parts, claims: { repository_id: '42', ...parts.claims } });

const codeOf = async (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'recognised',
    (error: unknown) => {
      if (isLockstepError(error)) return error.code;
      throw error;
    },
  );

describe('somebody else’s role', () => {
  it.each([
    ['of the same name in another account', sessionArn('rag-api', 'x', '999988887777')],
    ['of a name that begins as one', sessionArn('rag-api-2')],
    ['whose session is called as one', sessionArn('stranger', 'rag-api')],
    [
      'with a session that looks like another role',
      `arn:aws:sts::${ACCOUNT}:assumed-role/stranger/x/assumed-role/rag-api/x`,
    ],
    ['that is a user', `arn:aws:iam::${ACCOUNT}:user/rag-api`],
    ['that is a federated user', `arn:aws:sts::${ACCOUNT}:federated-user/rag-api`],
    ['that is the root', `arn:aws:iam::${ACCOUNT}:root`],
    ['that is the role itself, not a session of it', roleArn('rag-api', '/apps/')],
    ['with text behind it', `${sessionArn('rag-api')}\nrole`],
    ['that is nothing', ''],
  ])('is nobody: %s', async (_what, arn) => {
    expect(await codeOf(door.bySignature(arn))).toBe('NOT_BOUND');
  });

  it('is nobody where it would be two: a workload and a role', async () => {
    door.declare(({ roles }) => ({
      roles: [...roles, { name: 'odd', groups: [], principals: [roleArn('rag-api', '/apps/')] }],
    }));
    expect(await codeOf(door.bySignature(sessionArn('rag-api')))).toBe('NOT_BOUND');
  });

  it('has no session names of Identity Center for being called as one of its roles', async () => {
    door.declare(({ roles }) => ({
      roles: [...roles, { name: 'fake', groups: [], principals: [roleArn('AWSReservedSSO_Fake_1')] }],
    }));
    const person = await door.bySignature(sessionArn('AWSReservedSSO_Fake_1', 'ada'));
    expect(person.name).toBe(roleArn('AWSReservedSSO_Fake_1'));
  });
});

describe('a token that is good, and of somebody else', () => {
  it.each<[string, TokenParts]>([
    ['another branch', { subject: 'repo:acme/app:ref:refs/heads/attack' }],
    ['another repository, once of that name', { claims: { repository_id: '43' } }],
    ['a fork that a number would confuse', { claims: { repository_id: 42 } }],
    ['a list that contains it', { claims: { repository_id: ['42', '43'] } }],
    ['a claim that is missing', { claims: { repository_id: undefined } }],
    ['another spelling', { subject: MAIN.toUpperCase() }],
  ])('is nobody: %s', async (_what, parts) => {
    expect(await codeOf(door.byToken(await deployToken(parts)))).toBe('NOT_BOUND');
  });

  it('is nobody with the claims of a workload, and another issuer', async () => {
    const token = await door.issuers.eks.token({ subject: MAIN, claims: { repository_id: '42' } });
    expect(await codeOf(door.byToken(token))).toBe('NOT_BOUND');
  });

  it('is nobody with a claim put in front of the one that is meant', async () => {
    const kubernetes = { namespace: 'evil', serviceaccount: { name: 'api' } };
    const claims = { 'kubernetes.io': kubernetes, 'kubernetes.io.namespace': 'rag' };
    expect(await codeOf(door.byToken(await door.issuers.eks.token({ claims })))).toBe('NOT_BOUND');
  });

  it('is nobody by a place in a list', async () => {
    door.declare(() => ({ workloadTokens: { odd: [{ issuer: 'github', claims: { 'list.0': 'x' } }] } }));
    expect(await codeOf(door.byToken(await deployToken({ claims: { list: ['x'] } })))).toBe('NOT_BOUND');
  });

  it('is nobody by what every object has', async () => {
    door.declare(() => ({
      workloadTokens: { odd: [{ issuer: 'github', claims: { 'constructor.name': 'Object' } }] },
    }));
    expect(await codeOf(door.byToken(await deployToken()))).toBe('NOT_BOUND');
  });

  it('is nobody where no claim at all would be asked of it', async () => {
    door.declare(() => ({ workloadTokens: { odd: [{ issuer: 'github', claims: {} }] } }));
    expect(await codeOf(door.byToken(await deployToken()))).toBe('NOT_BOUND');
  });

  it('is nobody where two workloads could be meant', async () => {
    door.declare(({ workloadTokens }) => ({
      workloadTokens: { ...workloadTokens, other: [{ issuer: 'github', claims: { sub: MAIN } }] },
    }));
    expect(await codeOf(door.byToken(await deployToken()))).toBe('NOT_BOUND');
  });

  it('is nobody where it would be a workload and a person', async () => {
    door.declare(({ workloadTokens }) => ({
      workloadTokens: { ...workloadTokens, robot: [{ issuer: 'okta', claims: { sub: 'ada' } }] },
    }));
    expect(await codeOf(door.byToken(await door.tokenForAda()))).toBe('NOT_BOUND');
  });

  it('is nobody with a narrowing that cannot be understood', async () => {
    for (const purposes of [7, { report: true }, ['report', 7], null])
      expect(
        await codeOf(door.byToken(await deployToken({ claims: { 'lockstep.purposes': purposes } }))),
      ).toBe('UNAUTHENTICATED');
    const twice = { 'lockstep.purposes': ['report'], lockstep: { purposes: ['deploy'] } };
    expect(await codeOf(door.byToken(await deployToken({ claims: twice })))).toBe('UNAUTHENTICATED');
  });
});

describe('a token of groups that are somebody else’s', () => {
  it.each<[string, unknown]>([
    ['of another name', ['analysts-2', 'Analysts', 'analyst']],
    ['none', []],
    ['that are one text, with a name of ours in it', 'analysts others'],
    ['that are no names', { analysts: true }],
    ['among which one is no name', ['analysts', 7]],
  ])('is no person by groups %s', async (_what, groups) => {
    expect(await codeOf(door.byToken(await door.tokenForAda({ claims: { groups } })))).toBe('NOT_BOUND');
  });

  it('is no person by a group of another issuer’s', async () => {
    const token = await door.issuers.eks.token({ claims: { groups: ['analysts'] } });
    expect(await codeOf(door.byToken(token))).toBe('NOT_BOUND');
  });
});

const lease = (requestId: string): Extract<AccessAsk, { readonly ask: 'lease' }> => ({
  ask: 'lease',
  leasable: 'github-deploy',
  requestId,
});

describe('a token that is sent again', () => {
  it('is refused for another request', async () => {
    const token = await deployToken();
    expect(await codeOf(door.byToken(token, lease('one')))).toBe('recognised');
    expect(await codeOf(door.byToken(token, lease('two')))).toBe('TOKEN_REPLAYED');
    expect(await codeOf(door.byToken(token, { ask: 'leases' }))).toBe('TOKEN_REPLAYED');
    expect(door.metrics.total('lockstep_callers', { outcome: 'replayed' })).toBe(2);
    expect(door.replays.map(({ caller, tokenId }) => [caller.name, tokenId.length])).toEqual([
      ['deploy', 64],
      ['deploy', 64],
    ]);
  });

  it('may repeat its own request for a lease, which hands nothing out twice', async () => {
    const token = await deployToken();
    for (let time = 0; time < 3; time += 1)
      expect(await codeOf(door.byToken(token, lease('one')))).toBe('recognised');
  });

  it.each<[AccessAsk]>([
    [{ ask: 'whoami' }],
    [{ ask: 'leases' }],
    [{ ask: 'renew', lease: 'x' }],
    [{ ask: 'release', lease: 'x' }],
    [{ ask: 'approve', approval: 'x', reason: 'y' }],
  ])('is refused with any other request, even the same: %j', async (ask) => {
    const token = await door.tokenForAda();
    expect(await codeOf(door.byToken(token, ask))).toBe('recognised');
    expect(await codeOf(door.byToken(token, ask))).toBe('TOKEN_REPLAYED');
  });

  it('is refused to all but one of those who send it at once', async () => {
    const token = await deployToken();
    const codes = await Promise.all(
      Array.from({ length: 10 }, (_, index) => codeOf(door.byToken(token, lease(`r${index}`)))),
    );
    expect(codes.filter((code) => code === 'recognised')).toHaveLength(1);
  });

  it('is refused as well without a jti', async () => {
    const token = await deployToken({ leaveOut: ['jti'] });
    expect(await codeOf(door.byToken(token, lease('one')))).toBe('recognised');
    expect(await codeOf(door.byToken(token, lease('two')))).toBe('TOKEN_REPLAYED');
  });

  it('is refused for as long as it could be taken', async () => {
    const token = await deployToken();
    await door.byToken(token, lease('one'));
    door.clock.jump(329);
    expect(await codeOf(door.byToken(token, lease('two')))).toBe('TOKEN_REPLAYED');
  });
});

describe('a token that was spent for a lease', () => {
  it.each<[string, Partial<Extract<AccessAsk, { readonly ask: 'lease' }>>]>([
    ['something else', { leasable: 'payroll' }],
    ['another purpose', { purpose: 'repair' }],
    ['another time', { ttlSeconds: 3600 }],
    ['an approval', { approval: '00000000-0000-4000-8000-000000000001' }],
    ['a broken glass', { breakGlass: 'it burns' }],
  ])('is refused under the id of its own request, for %s', async (_what, more) => {
    const token = await deployToken();
    expect(await codeOf(door.byToken(token, lease('one')))).toBe('recognised');
    expect(await codeOf(door.byToken(token, { ...lease('one'), ...more }))).toBe('TOKEN_REPLAYED');
    expect(door.replays.map(({ caller }) => caller.name)).toEqual(['deploy']);
  });

  it('may repeat its request whatever the order of its fields', async () => {
    const token = await deployToken();
    const asked = { ...lease('one'), purpose: 'deploy', ttlSeconds: 60 };
    const turned = Object.fromEntries(Object.entries(asked).toReversed()) as AccessAsk;
    for (const ask of [asked, turned]) expect(await codeOf(door.byToken(token, ask))).toBe('recognised');
  });
});

describe('what a token leaves behind', () => {
  it('is remembered for longer than any clock lets it be taken', async () => {
    const kept: (string | undefined)[] = [];
    door.ledger.commit = async (writes) => void kept.push(...writes.map(({ expiresAt }) => expiresAt));
    const { claims } = await door.byToken(await deployToken(), lease('one'));
    expect(Date.parse(kept[0] ?? '') - Date.parse(claims.expiresAt ?? '')).toBeGreaterThan(120_000);
  });

  it('is its id in the ledger, and nothing else of it', async () => {
    const token = await deployToken();
    token
      .reveal()
      .split('.')
      .forEach((part) => door.judge.forbid(part));
    const { claims } = await door.byToken(token, lease('one'));
    const row = await door.ledger.read('token', claims.tokenId ?? '', 'use');
    expect(row?.body).toEqual({
      use: expect.stringMatching(/^lease [0-9a-f]{64}$/) as string,
      at: expect.any(String) as string,
    });
  });

  it('is nothing where it names nobody: strangers cannot fill the ledger', async () => {
    const commits: unknown[] = [];
    door.ledger.commit = async (...given) => void commits.push(given);
    expect(await codeOf(door.byToken(await deployToken({ subject: 'repo:evil/app' })))).toBe('NOT_BOUND');
    expect(commits).toEqual([]);
  });
});

describe('a confused deputy', () => {
  const agent = sessionArn('research-agent');

  it('cannot ask as the person whose token it was given', async () => {
    expect(await codeOf(door.byToken(await door.tokenForAgents()))).toBe('UNAUTHENTICATED');
  });

  it('cannot act for a person by a token that they ask by themselves with', async () => {
    expect(await codeOf(door.bySignature(agent, await door.tokenForAda()))).toBe('UNAUTHENTICATED');
  });

  it('cannot act without a person where it acts for one', async () => {
    expect(await codeOf(door.bySignature(agent))).toBe('UNAUTHENTICATED');
  });

  it('cannot act for a workload', async () => {
    door.declare(({ workloadTokens }) => ({
      workloadTokens: { ...workloadTokens, robot: [{ issuer: 'okta-agents', claims: { sub: 'robot' } }] },
    }));
    const token = await door.tokenForAgents({ subject: 'robot', claims: { groups: [] } });
    expect(await codeOf(door.bySignature(agent, token))).toBe('UNAUTHENTICATED');
  });

  it('cannot act for a person of no role', async () => {
    const token = await door.tokenForAgents({ claims: { groups: ['guests'] } });
    expect(await codeOf(door.bySignature(agent, token))).toBe('NOT_BOUND');
  });

  it('cannot be a workload that is no agent, nor a person', async () => {
    const token = await door.tokenForAgents();
    for (const arn of [sessionArn('rag-api'), sessionArn('on-call')])
      expect(await codeOf(door.bySignature(arn, token))).toBe('UNAUTHENTICATED');
  });

  it('cannot put a person behind an agent that acts for itself', async () => {
    expect(await codeOf(door.bySignature(sessionArn('night-agent'), await door.tokenForAgents()))).toBe(
      'UNAUTHENTICATED',
    );
  });

  it('cannot act for a person by a token that is over, forged, or cannot be checked', async () => {
    const over = await door.tokenForAgents({ issuedSecondsAgo: 400 });
    const forged = await door.tokenForAgents({ key: door.issuers.github.privateKey() });
    for (const token of [over, forged])
      expect(await codeOf(door.bySignature(agent, token))).toBe('UNAUTHENTICATED');
    door.clock.jump(1000);
    door.issuers.okta.instead = () => DOWN;
    expect(await codeOf(door.bySignature(agent, await door.tokenForAgents()))).toBe('ISSUER_UNREACHABLE');
  });
});

describe('a session that gives itself a purpose', () => {
  const AWS = 'https://sts.amazonaws.com/';
  const tagged = (tags: object) =>
    door.issuers.aws.token({ subject: roleArn('deploy'), claims: { [AWS]: tags } });
  const access = () => ({ ...NO_ACCESS, ...door.inventory.access, purposes: { deploy: 'to deploy' } });

  it('may state none by the tags of its request, wherever the inventory looks for them', async () => {
    const request_tags = { 'lockstep.purposes': 'deploy', mine: 'deploy' };
    const named = `${AWS}.request_tags.mine`;
    for (const claims of [{}, { purposes: named }]) {
      door.declare(({ issuers }) => ({ issuers: issuers.map((each) => ({ ...each, claims })) }));
      const caller = await door.byToken(await tagged({ request_tags }));
      expect(caller.claims).toMatchObject({ keptPurposes: ['deploy'] });
      expect(purposesOf(access(), caller)).toEqual([]);
    }
  });

  it('may state what an administrator tagged its principal with, less what its request leaves out', async () => {
    const principal_tags = { 'lockstep.purposes': 'deploy' };
    const tags = [{ principal_tags }, { principal_tags, request_tags: { 'lockstep.purposes': 'drop' } }];
    const stated = [];
    for (const each of tags) stated.push(purposesOf(access(), await door.byToken(await tagged(each))));
    expect(stated).toEqual([['deploy'], []]);
  });
});

describe('an environment without a word on access', () => {
  it('knows its workloads, and nobody else', async () => {
    const { access: _, ...inventory } = door.inventory;
    door.inventory = inventory;
    expect(await door.bySignature(sessionArn('rag-api'))).toMatchObject({ is: 'workload' });
    expect(await codeOf(door.bySignature(sessionArn('on-call')))).toBe('NOT_BOUND');
    expect(await codeOf(door.byToken(await deployToken()))).toBe('UNAUTHENTICATED');
  });
});
