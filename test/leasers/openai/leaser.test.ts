import { describe, expect, it } from 'vitest';
import { isLockstepError, type LockstepError } from '../../../lambdas/core/errors.ts';
import { Secret } from '../../../lambdas/core/secret.ts';
import { openaiLeaser } from '../../../lambdas/leasers/openai/leaser.ts';
import { openaiLeaseSupply } from '../../../lambdas/leasers/openai/supply.ts';
import { adminKeyIn } from '../../../lambdas/leasers/openai/value.ts';
import { codeOf } from '../../ports/under-test.ts';
import { PROJECT } from '../../rotators/openai/a-world.ts';
import { MARK, OTHER_MARK } from '../../fakes/marks.ts';
import { newLeaseId } from '../a-leasable.ts';
import { aLeaseWorld, HOLDER, leasable, type LeaseWorld } from './a-world.ts';

const issue = (world: LeaseWorld, request = world.lease()) =>
  world.leaser.issue(request, HOLDER, world.times());

/** The leaser, with something done to each request before it is sent or to its answer before it is read. */
const tampered = (world: LeaseWorld, fetch: LeaseWorld['fetch']) =>
  openaiLeaser({ fetch, clock: world.clock, sleep: world.sleep });

describe('a key that is leased', () => {
  it('is the only one of a service account that is named after the lease and its fence', async () => {
    const world = aLeaseWorld();
    const id = newLeaseId();
    const { key, value } = await issue(world, world.lease(id, 7));
    expect(key).toBe(`lockstep-lease/test/model-calls/${id}`);
    expect(world.names()).toEqual([`${key}/7`]);
    expect(JSON.parse(value.reveal())).toEqual({
      apiKey: expect.stringMatching(/^sk-svcacct-double-/),
      keyId: expect.stringMatching(/^key_/),
      serviceAccountId: expect.stringMatching(/^svc_acct_/),
      project: PROJECT,
      mintedAt: '2026-01-01T00:00:00.000Z',
      expiresAt: '2026-01-01T00:15:00.000Z',
    });
  });

  it('costs a few requests, however many leases there are', async () => {
    const world = aLeaseWorld();
    await issue(world);
    const first = world.asked.length;
    for (let count = 0; count < 30; count += 1) await issue(world);
    const before = world.asked.length;
    await issue(world);
    expect(world.asked.length - before).toBe(first);
    expect(world.asked.slice(before).map(({ route }) => route)).toEqual([
      'POST /organization/projects/{id}/service_accounts',
      'GET /organization/projects/{id}/service_accounts',
      'GET /models',
    ]);
  });

  it('is narrowed to its scopes before anybody has it', async () => {
    const world = aLeaseWorld();
    const { value } = await issue(
      world,
      world.lease(undefined, 1, leasable({ scopes: ['api.model.request'] })),
    );
    expect(world.use(value, 'POST /chat/completions')).toBe(200);
    expect(world.use(value, 'GET /models')).toBe(401);
  });

  it('is not handed over where it could not be narrowed, and is taken back', async () => {
    const world = aLeaseWorld();
    world.faults.order('POST /organization/projects/{id}/api_keys/{id}', { do: 'lose-request' });
    const request = world.lease(undefined, 1, leasable({ scopes: ['api.model.request'] }));
    expect(await codeOf(issue(world, request))).toBe('TARGET_UNREACHABLE');
    expect(world.names()).toEqual([]);
  });
});

describe('a key that the provider has just made', () => {
  it('is handed over when it has come to know it', async () => {
    const world = aLeaseWorld();
    world.pass(60);
    world.faults.delay({ newKeyMs: 5000 });
    const { value } = await issue(world);
    expect(world.use(value)).toBe(200);
    expect(world.slept.length).toBeGreaterThan(0);
  });

  it('is taken back where it does not come to know it in time', async () => {
    const world = aLeaseWorld();
    world.pass(3600);
    world.faults.delay({ newKeyMs: 3_600_000 });
    expect(await codeOf(issue(world))).toBe('TARGET_BUSY');
    expect(world.names()).toEqual([]);
  });

  it.each([429, 500] as const)(
    'counts as known where its first request is answered %d, or not',
    async (status) => {
      const world = aLeaseWorld();
      world.faults.order('GET /models', { do: 'refuse', status });
      expect(await codeOf(issue(world))).toBe(status === 429 ? 'none' : 'TARGET_UNREACHABLE');
    },
  );

  it('is not handed over where it would not end it, and is taken back', async () => {
    const world = aLeaseWorld();
    const ignorant = tampered(world, async (url, init) => {
      const asked = typeof init.body === 'string' ? init.body.replace(/,"expires_in_seconds":\d+/, '') : null;
      return world.fetch(url, { ...init, body: asked });
    });
    const outcome = ignorant.issue(world.lease(), HOLDER, world.times());
    await expect(outcome).rejects.toThrow(/ends never/);
    expect(await codeOf(outcome)).toBe('TARGET_REFUSED');
    expect(world.names()).toEqual([]);
  });

  it('is taken back where its making took longer than anybody waits', async () => {
    const world = aLeaseWorld();
    const slow = tampered(world, async (url, init) => {
      const answer = await world.fetch(url, init);
      if (init.method === 'POST') world.pass(61);
      return answer;
    });
    expect(await codeOf(slow.issue(world.lease(), HOLDER, world.times()))).toBe('FENCED_OFF');
    expect(world.names()).toEqual([]);
  });

  it('whose answer was lost is found by its name and ended', async () => {
    const world = aLeaseWorld();
    const id = newLeaseId();
    world.faults.order('POST /organization/projects/{id}/service_accounts', { do: 'lose-answer' });
    expect(await codeOf(issue(world, world.lease(id)))).toBe('TARGET_UNREACHABLE');
    expect(await world.leaser.isRefused(world.lease(id, 2))).toBe('accepted');
    await world.leaser.end(world.lease(id, 2));
    expect(await world.leaser.isRefused(world.lease(id, 2))).toBe('refused');
  });
});

describe('the end of a lease', () => {
  it('touches nothing that is not of this lease: other leasables, other environments, rotated keys, those of people', async () => {
    const world = aLeaseWorld();
    const id = newLeaseId();
    await issue(world, world.lease(id));
    await issue(world, world.lease(id, 1, leasable({}, 'model-calls-two')));
    await issue(world, { ...world.lease(id), environment: 'test-two' });
    await world.rotator.issue(world.request(), undefined);
    world.organization.createAccount(PROJECT, { name: `lockstep-lease/test/model-calls/${id}` }, false);
    const before = world.names();
    await world.leaser.end(world.lease(id, 2));
    const ended = `lockstep-lease/test/model-calls/${id}/1`;
    expect(world.names()).toEqual([...before.filter((name) => name !== ended), ended.replace(/1$/, 'ended')]);
  });

  it('leaves a tombstone for ten minutes, which somebody else then takes away', async () => {
    const world = aLeaseWorld();
    const [first, second] = [newLeaseId(), newLeaseId()];
    await world.leaser.end(world.lease(first, 2));
    world.pass(599);
    await world.leaser.end(world.lease(second, 2));
    expect(world.names()).toHaveLength(2);
    world.pass(2);
    await world.leaser.end(world.lease(second, 3));
    expect(world.names()).toEqual([`lockstep-lease/test/model-calls/${second}/ended`]);
  });

  it('takes away no tombstone of another deployment, however old', async () => {
    const world = aLeaseWorld();
    const [other, own] = [newLeaseId(OTHER_MARK), newLeaseId()];
    await world.leaser.end({ ...world.lease(other, 2), mark: OTHER_MARK });
    world.pass(3600);
    await world.leaser.end(world.lease(own, 2));
    expect(world.names()).toEqual([other, own].map((id) => `lockstep-lease/test/model-calls/${id}/ended`));
  });

  it('has come when the provider says so, not when it took the order', async () => {
    const world = aLeaseWorld();
    const id = newLeaseId();
    await issue(world, world.lease(id));
    const forgetful = tampered(world, async (url, init) =>
      init.method === 'DELETE' ? new Response('{}', { status: 200 }) : world.fetch(url, init),
    );
    expect(await codeOf(forgetful.end(world.lease(id, 2)))).toBe('TARGET_BUSY');
  });

  it('is not put off by a tombstone that cannot be taken away', async () => {
    const world = aLeaseWorld();
    await world.leaser.end(world.lease());
    world.pass(700);
    world.faults.order('DELETE /organization/projects/{id}/service_accounts/{id}', { do: 'lose-request' });
    expect(await codeOf(world.leaser.end(world.lease()))).toBe('none');
  });
});

describe('what the provider has of ours', () => {
  it('is listed without tombstones, and with what carries our mark and no id', async () => {
    const world = aLeaseWorld();
    const id = newLeaseId();
    const { key } = await issue(world, world.lease(id));
    await world.leaser.end(world.lease(newLeaseId(), 2));
    const strange = `lockstep-lease/test/model-calls/${MARK}-of-somebody`;
    const nobodys = 'lockstep-lease/test/model-calls/of-somebody';
    for (const name of [strange, nobodys]) world.organization.createAccount(PROJECT, { name }, false);
    const { leaseId: _id, fence: _fence, ...request } = world.lease();
    expect(await world.leaser.listOurs(request, undefined)).toEqual({
      leases: [{ key, leaseId: id }, { key: strange }],
      others: ['of-someb'],
    });
  });

  it('is listed page by page', async () => {
    const world = aLeaseWorld();
    for (let count = 0; count < 101; count += 1) await issue(world);
    const { leaseId: _id, fence: _fence, ...request } = world.lease();
    const first = await world.leaser.listOurs(request, undefined);
    const second = await world.leaser.listOurs(request, first.next);
    expect([first.leases.length, second.leases.length, second.next]).toEqual([100, 1, undefined]);
  });
});

describe('an error', () => {
  const canaries = ['sk-admin-canary-that-must-show-up-nowhere', 'sk-svcacct'];

  it.each([401, 403, 404, 429, 500, 302])(
    'of a provider that answers %d and quotes keys carries none of it',
    async (status) => {
      const world = aLeaseWorld();
      const quoting = tampered(world, async (_url, init) => {
        const { authorization } = init.headers as Readonly<Record<string, string>>;
        return new Response(JSON.stringify({ error: { message: authorization, code: authorization } }), {
          status,
          headers: { 'x-request-id': 'Bearer sk-svcacct', location: authorization ?? '' },
        });
      });
      const value = new Secret(JSON.stringify({ adminKey: canaries[0] }));
      const request = { ...world.lease(), authority: { declared: world.declared, value } };
      const { leaseId: _id, fence: _fence, ...all } = request;
      const attempts = [
        () => quoting.issue(request, HOLDER, world.times()),
        () => quoting.end(request),
        () => quoting.isRefused(request),
        () => quoting.listOurs(all, undefined),
        () => quoting.proveAuthority(world.declared, value),
      ];
      for (const attempt of attempts) {
        const error = await attempt().then(
          () => undefined,
          (thrown: unknown) => thrown as LockstepError,
        );
        expect(isLockstepError(error)).toBe(true);
        for (const canary of canaries)
          expect(`${String(error)} ${String(error?.cause)}`).not.toContain(canary);
      }
    },
  );

  it('says what to declare where a leasable names no authority', async () => {
    const world = aLeaseWorld();
    const { authority: _authority, ...without } = world.lease();
    await expect(world.leaser.issue(without, HOLDER, world.times())).rejects.toThrow(
      /lease authority of kind openai/,
    );
  });
});

describe('the authority', () => {
  it('is supplied by pasting a key, and nothing else is taken for one', () => {
    const { declared } = aLeaseWorld();
    if (openaiLeaseSupply.how !== 'pasted') throw new TypeError('it is pasted');
    const value = openaiLeaseSupply.read(declared, new Secret(' sk-admin-pasted-by-a-person\n'));
    expect(adminKeyIn(value).reveal()).toBe('sk-admin-pasted-by-a-person');
    for (const text of [
      '',
      'canary',
      'sk-a b c d e f g h i',
      '{"adminKey":"sk-admin-canary-canary"}',
      'sk-admin-canary\nsk-admin-two',
    ])
      expect(
        () => openaiLeaseSupply.how === 'pasted' && openaiLeaseSupply.read(declared, new Secret(text)),
      ).toThrow(/what was pasted for lease-admin is no admin key: it should/);
  });
});
