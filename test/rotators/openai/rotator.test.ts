import { describe, expect, it } from 'vitest';
import type { LockstepError } from '../../../lambdas/core/errors.ts';
import { Secret } from '../../../lambdas/core/secret.ts';
import { token } from '../../fakes/counted-ids.ts';
import { MARK, OTHER_MARK } from '../../fakes/marks.ts';
import { aWorld, adminValue, held, PROJECT, type World } from './a-world.ts';

const ACCOUNTS = '/organization/projects/{id}/service_accounts';
const MINT = `POST ${ACCOUNTS}`;

const live = ({ organization }: World): readonly string[] =>
  organization.accounts(PROJECT).flatMap(({ id, deletedAtMs }) => (deletedAtMs === null ? [id] : []));

const failure = async (promise: Promise<unknown>): Promise<LockstepError> =>
  promise.then(
    () => Promise.reject(new Error('expected a failure')),
    (error: LockstepError) => error,
  );

const fieldsOf = (value: Secret): Record<string, string> =>
  JSON.parse(value.reveal()) as Record<string, string>;

/** A key, made and known to work. */
async function issued(world: World, of = token(1)) {
  const version = held(of, await world.rotator.issue(world.request(of), undefined));
  await world.rotator.verify(world.request(of), version);
  return version;
}

/** Uses a key as a dependent does. */
async function use(world: World, { value }: { readonly value: Secret }): Promise<number> {
  const authorization = `Bearer ${fieldsOf(value)['apiKey']}`;
  const init = {
    redirect: 'manual',
    signal: new AbortController().signal,
    headers: { authorization },
  } as const;
  return (await world.fetch('https://api.openai.test/v1/models', init)).status;
}

describe('minting', () => {
  it('makes a service account of its own, named after deployment, environment, credential and token', async () => {
    const world = aWorld();
    const { key, value } = await world.rotator.issue(world.request(), undefined);
    const [account] = world.organization.accounts(PROJECT);
    expect(account).toMatchObject({ id: key, name: `lockstep/${MARK}/staging/openai-agents/${token(1)}` });
    expect(fieldsOf(value)).toMatchObject({
      serviceAccountId: key,
      project: PROJECT,
      mintedAt: '2026-01-01T00:00:00.000Z',
      keyId: world.organization.keys(PROJECT)[0]?.id,
    });
    expect(world.rotator.keyOf(value)).toBe(key);
    world.rotator.checkFirst(world.request().credential, value);
    await world.rotator.install(world.request(), held(token(1), { key, value }), undefined);
  });

  it('whose answer is lost fails to be tried again, and is found by its name', async () => {
    const world = aWorld();
    world.faults.order(MINT, { do: 'lose-answer' });
    expect(await failure(world.rotator.issue(world.request(), undefined))).toMatchObject({
      code: 'TARGET_UNREACHABLE',
      remedy: 'retry',
    });
    const second = await world.rotator.issue(world.request(), undefined);
    const ours = await world.rotator.listOurs(world.request());
    expect(ours.map((each) => each.token)).toEqual([token(1), token(1)]);
    for (const { key } of ours.filter((each) => each.key !== second.key))
      await world.rotator.revoke(world.request(), { version: token(1), key });
    expect(live(world)).toEqual([second.key]);
    expect(await use(world, second)).toBe(200);
  });

  it('is never repeated by the client on its own', async () => {
    for (const fault of [
      { do: 'lose-request' },
      { do: 'refuse', status: 500 },
      { do: 'refuse', status: 429 },
    ] as const) {
      const world = aWorld();
      world.faults.order(MINT, fault);
      await failure(world.rotator.issue(world.request(), undefined));
      expect(world.asked.filter(({ route }) => route === MINT)).toHaveLength(1);
      expect(live(world)).toEqual([]);
    }
  });
});

describe('minting where something stands in the way', () => {
  it('waits as long as a busy provider asks', async () => {
    const world = aWorld();
    world.faults.order(MINT, { do: 'refuse', status: 429, retryAfter: '17' });
    expect(await failure(world.rotator.issue(world.request(), undefined))).toMatchObject({
      code: 'TARGET_BUSY',
      retryAfterSeconds: 17,
    });
  });

  it('uses the pending admin key where the current one is refused', async () => {
    const world = aWorld();
    const successor = world.organization.createAdminKey({ name: 'successor' });
    world.organization.deleteAdminKey('key_first');
    world.adminValues = [...world.adminValues, adminValue({ id: successor.key.id, value: successor.value })];
    await world.rotator.issue(world.request(), undefined);
    expect(live(world)).toHaveLength(1);
  });

  it('says what a person has to do: project unknown, project full, admin key without the right', async () => {
    const unknown = aWorld();
    const elsewhere = unknown.request();
    const credential = {
      ...elsewhere.credential,
      target: { ...elsewhere.credential.target, project: 'proj_other' },
    };
    expect(await failure(unknown.rotator.issue({ ...elsewhere, credential }, undefined))).toMatchObject({
      code: 'TARGET_REFUSED',
      remedy: 'operator',
    });
    const full = aWorld({ liveKeysPerProject: 0 });
    expect((await failure(full.rotator.issue(full.request(), undefined))).code).toBe('TARGET_REFUSED');
    const wrongKey = aWorld();
    const own = fieldsOf((await issued(wrongKey)).value);
    wrongKey.adminValues = [adminValue({ id: 'key_x', value: own['apiKey'] ?? '' })];
    expect((await failure(wrongKey.rotator.issue(wrongKey.request(), undefined))).code).toBe(
      'TARGET_LACKS_GRANT',
    );
  });
});

describe('verifying', () => {
  it('waits for a key that the provider is late to know', async () => {
    const world = aWorld();
    world.pass(60);
    world.faults.delay({ newKeyMs: 12_000 });
    const version = held(token(1), await world.rotator.issue(world.request(), undefined));
    await world.rotator.verify(world.request(), version);
    expect(world.slept.reduce((sum, each) => sum + each, 0)).toBeGreaterThanOrEqual(12_000);
  });

  it('rejects a key that is refused to the end, and has then waited as long as the kind says', async () => {
    const world = aWorld();
    const version = await issued(world);
    await world.rotator.revoke(world.request(), version);
    world.slept.length = 0;
    expect((await failure(world.rotator.verify(world.request(), version))).code).toBe('SUCCESSOR_REJECTED');
    expect(world.slept.reduce((sum, each) => sum + each, 0)).toBe(30_000);
  });

  it('rejects nothing because the provider cannot be asked', async () => {
    const world = aWorld();
    const version = held(token(1), await world.rotator.issue(world.request(), undefined));
    world.faults.order('GET /models', { do: 'refuse', status: 500 }, 100);
    expect((await failure(world.rotator.verify(world.request(), version))).code).toBe('TARGET_UNREACHABLE');
    const limited = aWorld();
    const other = held(token(1), await limited.rotator.issue(limited.request(), undefined));
    limited.faults.order('GET /models', { do: 'refuse', status: 429 }, 100);
    expect((await failure(limited.rotator.verify(limited.request(), other))).code).toBe('TARGET_BUSY');
  });

  it('survives answers that are lost on the way', async () => {
    const world = aWorld();
    const version = held(token(1), await world.rotator.issue(world.request(), undefined));
    world.faults.order('GET /models', { do: 'lose-answer' }, 3);
    await world.rotator.verify(world.request(), version);
    expect(world.asked.filter(({ route }) => route === 'GET /models').map(({ status }) => status)).toEqual([
      0, 0, 0, 200,
    ]);
  });
});

describe('installing', () => {
  it('refuses a successor that would be deleted together with the predecessor', async () => {
    const world = aWorld();
    const current = await issued(world, token(1));
    const deputy = { ...current, version: token(2) };
    expect((await failure(world.rotator.install(world.request(token(2)), deputy, current))).code).toBe(
      'VALUE_MALFORMED',
    );
    const misnamed = { ...current, version: token(2), key: 'svc_acct_other' };
    expect((await failure(world.rotator.install(world.request(token(2)), misnamed, undefined))).code).toBe(
      'VALUE_MALFORMED',
    );
  });

  it('refuses a value of another project', async () => {
    const world = aWorld();
    const current = await issued(world);
    const moved = new Secret(JSON.stringify({ ...fieldsOf(current.value), project: 'proj_other' }));
    expect(() => world.rotator.checkFirst(world.request().credential, moved)).toThrow(
      expect.objectContaining({ code: 'VALUE_MALFORMED' }),
    );
  });
});

describe('observing', () => {
  it('shows when the provider last saw each key, in its whole seconds', async () => {
    const world = aWorld();
    const [old, young] = [await issued(world, token(1)), await issued(world, token(2))];
    world.pass(90.7);
    await use(world, old);
    const seen = await world.rotator.observe(world.request(), { successor: young, predecessor: old }, []);
    expect(seen.predecessor).toEqual({ sessions: 'unknown', lastUsedAt: '2026-01-01T00:01:30.000Z' });
    expect(seen.successor).toEqual({ sessions: 'unknown', lastUsedAt: '2026-01-01T00:00:00.000Z' });
  });

  it('calls a key that was never used, and one that is gone, unknown: not unused', async () => {
    const world = aWorld();
    const never = held(token(1), await world.rotator.issue(world.request(), undefined));
    const gone = { version: token(2), key: 'svc_acct_gone' };
    const seen = await world.rotator.observe(world.request(), { successor: never, predecessor: gone }, []);
    expect([seen.successor, seen.predecessor]).toEqual([{ sessions: 'unknown' }, { sessions: 'unknown' }]);
  });

  it('finds a key on any page', async () => {
    const world = aWorld({ liveKeysPerProject: 300 });
    for (let n = 0; n < 230; n += 1) world.organization.createAccount(PROJECT, { name: `other-${n}` }, false);
    const old = await issued(world);
    const seen = await world.rotator.observe(world.request(), { successor: old, predecessor: old }, []);
    expect(seen.predecessor.lastUsedAt).toBeDefined();
  });
});

describe('listing ours', () => {
  it('finds every key of this credential on all pages, and none of another', async () => {
    const world = aWorld({ liveKeysPerProject: 500 });
    for (let n = 0; n < 150; n += 1)
      world.organization.createAccount(PROJECT, { name: `theirs-${n}` }, false);
    const first = await issued(world, token(1));
    await world.rotator.issue(world.request(token(2), 'openai-agents-2'), undefined);
    for (let n = 0; n < 150; n += 1) world.organization.createAccount(PROJECT, { name: `more-${n}` }, false);
    const last = await issued(world, token(3));
    for (const name of [
      `lockstep/${MARK}/production/openai-agents/x`,
      `lockstep/${MARK}/staging/openai-agent/x`,
      `evil/lockstep/${MARK}/staging/openai-agents/x`,
      `lockstep/${OTHER_MARK}/staging/openai-agents/x`,
      'lockstep/staging/openai-agents/x',
    ])
      world.organization.createAccount(PROJECT, { name }, false);
    const ours = await world.rotator.listOurs(world.request());
    expect(ours).toEqual([
      { key: first.key, token: token(1), createdAt: '2026-01-01T00:00:00.000Z' },
      { key: last.key, token: token(3), createdAt: expect.any(String) },
    ]);
  });

  it('lists nothing that another deployment made for a credential of that name in an environment of that name', async () => {
    const world = aWorld();
    const theirs = { ...world.request(), mark: OTHER_MARK };
    const { key } = await world.rotator.issue(theirs, undefined);
    expect(await world.rotator.listOurs(world.request())).toEqual([]);
    expect(await world.rotator.listOurs(theirs)).toMatchObject([{ key, token: token(1) }]);
  });

  it('lists a name of ours without a readable token, and does not make one up', async () => {
    const world = aWorld();
    world.organization.createAccount(PROJECT, { name: `lockstep/${MARK}/staging/openai-agents/a/b` }, false);
    const [odd] = await world.rotator.listOurs(world.request());
    expect(odd).not.toHaveProperty('token');
  });
});

describe('ending', () => {
  it('deletes the account, and the key is refused', async () => {
    const world = aWorld();
    const version = await issued(world);
    await world.rotator.revoke(world.request(), version);
    expect(live(world)).toEqual([]);
    expect(await world.rotator.proveRefused(world.request(), version)).toBe('refused');
    expect(await use(world, version)).toBe(401);
  });

  it('is quiet where it has ended, twice at once, and after a lost answer', async () => {
    const world = aWorld();
    const version = await issued(world);
    world.faults.order(`DELETE ${ACCOUNTS}/{id}`, { do: 'lose-answer' });
    await failure(world.rotator.revoke(world.request(), version));
    await Promise.all([1, 2].map(() => world.rotator.revoke(world.request(), version)));
    await world.rotator.stopNow(world.request(), version);
    expect(live(world)).toEqual([]);
  });

  it('stops at once by deleting, used or not', async () => {
    const world = aWorld();
    const version = await issued(world);
    await world.rotator.stopNow(world.request(), version);
    expect(await use(world, version)).toBe(401);
  });

  it('touches nothing but the key that is named', async () => {
    const world = aWorld();
    const [old, young] = [await issued(world, token(1)), await issued(world, token(2))];
    await world.rotator.revoke(world.request(), old);
    expect(live(world)).toEqual([young.key]);
    expect(await use(world, young)).toBe(200);
  });

  it('leaves an account that a person made, and ends its one key', async () => {
    const world = aWorld();
    const { account, minted } = world.organization.createAccount(PROJECT, { name: 'made by hand' }, false);
    await world.rotator.revoke(world.request(), { version: token(1), key: account.id });
    expect(live(world)).toEqual([account.id]);
    expect(world.organization.present(minted?.value ?? '')?.isTaken).toBe(false);
    await world.rotator.revoke(world.request(), { version: token(1), key: account.id });
  });

  it('does not choose among several keys of an account that a person made', async () => {
    const world = aWorld();
    const { account } = world.organization.createAccount(PROJECT, { name: 'made by hand' }, false);
    world.organization.createKey(PROJECT, account.id, { name: 'second' });
    const error = await failure(
      world.rotator.revoke(world.request(), { version: token(1), key: account.id }),
    );
    expect(error).toMatchObject({ code: 'TARGET_REFUSED', remedy: 'operator' });
    expect(world.organization.keys(PROJECT).filter(({ deletedAtMs }) => deletedAtMs === null)).toHaveLength(
      2,
    );
  });

  it('cannot be undone, and says so', async () => {
    const world = aWorld();
    const version = await issued(world);
    expect(world.rotator.capabilities.reversibleDisable).toBe(false);
    expect((await failure(world.rotator.disable(world.request(), version))).code).toBe('NOT_SUPPORTED');
    expect((await failure(world.rotator.enable(world.request(), version))).code).toBe('NOT_SUPPORTED');
    expect(await use(world, version)).toBe(200);
  });
});

describe('proving that an old key is refused', () => {
  it('waits for a provider that is late to forget it', async () => {
    const world = aWorld();
    const version = await issued(world);
    world.faults.delay({ revocationMs: 9_000 });
    await world.rotator.revoke(world.request(), version);
    expect(await use(world, version)).toBe(200);
    expect(await world.rotator.proveRefused(world.request(), version)).toBe('refused');
  });

  it('says that it is accepted where it is', async () => {
    const world = aWorld();
    expect(await world.rotator.proveRefused(world.request(), await issued(world))).toBe('accepted');
  });

  it('takes no answer, a busy one, and a missing right for unknown', async () => {
    for (const fault of [
      { do: 'lose-answer' },
      { do: 'refuse', status: 429 },
      { do: 'refuse', status: 503 },
    ] as const) {
      const world = aWorld();
      const version = await issued(world);
      await world.rotator.revoke(world.request(), version);
      world.faults.order('GET /models', fault, 100);
      expect(await world.rotator.proveRefused(world.request(), version)).toBe('unknown');
    }
    const world = aWorld();
    const { value, ...version } = await issued(world);
    const apiKey = 'sk-admin-not-a-real-key-of-anybody';
    const known = new Secret(JSON.stringify({ ...fieldsOf(value), apiKey }));
    // An admin key on a model route is answered 401 as well, for want of a scope: it is alive.
    expect(await world.rotator.proveRefused(world.request(), { ...version, value: known })).toBe('unknown');
  });
});
