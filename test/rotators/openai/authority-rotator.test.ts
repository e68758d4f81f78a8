import { describe, expect, it } from 'vitest';
import type { LockstepError } from '../../../lambdas/core/errors.ts';
import { Secret } from '../../../lambdas/core/secret.ts';
import { token } from '../../fakes/counted-ids.ts';
import { MARK } from '../../fakes/marks.ts';
import { adminValue, aWorld, FIRST_ADMIN, held, type World } from './a-world.ts';

const FIRST = { version: token(1), key: FIRST_ADMIN.id, value: adminValue(FIRST_ADMIN) };

const live = ({ organization }: World): readonly string[] =>
  organization.adminKeys().flatMap(({ id, deletedAtMs }) => (deletedAtMs === null ? [id] : []));

const failure = async (promise: Promise<unknown>): Promise<LockstepError> =>
  promise.then(
    () => Promise.reject(new Error('expected a failure')),
    (error: LockstepError) => error,
  );

/** The successor of the first key, minted by it. */
async function successorIn(world: World) {
  const request = world.authorityRequest(token(2));
  return held(token(2), await world.authority.issue(request, FIRST));
}

describe('an admin key', () => {
  it('mints its own successor, which works and is named by its token', async () => {
    const world = aWorld();
    const successor = await successorIn(world);
    await world.authority.install(world.authorityRequest(), successor, FIRST);
    await world.authority.verify(world.authorityRequest(), successor);
    expect(world.organization.adminKey(successor.key).name).toBe(
      `lockstep/${MARK}/staging/openai-admin/${token(2)}`,
    );
    expect(world.authority.keyOf(successor.value)).toBe(successor.key);
    expect(await world.authority.listOurs(world.authorityRequest())).toEqual([
      { key: successor.key, token: token(2), createdAt: '2026-01-01T00:00:00.000Z' },
    ]);
  });

  it('is ended by its successor, and then refused', async () => {
    const world = aWorld();
    const successor = await successorIn(world);
    world.adminValues = [successor.value];
    await world.authority.revoke(world.authorityRequest(token(2)), FIRST);
    await world.authority.revoke(world.authorityRequest(token(2)), FIRST);
    expect(live(world)).toEqual([successor.key]);
    expect(await world.authority.proveRefused(world.authorityRequest(), FIRST)).toBe('refused');
  });

  it('never ends itself: nothing could be rotated after that', async () => {
    const world = aWorld();
    const error = await failure(world.authority.revoke(world.authorityRequest(), FIRST));
    expect(error).toMatchObject({ code: 'TARGET_REFUSED', remedy: 'operator' });
    expect(live(world)).toEqual([FIRST_ADMIN.id]);
  });

  it('that is the first one comes from a person', async () => {
    const world = aWorld();
    const error = await failure(world.authority.issue(world.authorityRequest(), undefined));
    expect(error.code).toBe('NOT_SUPPORTED');
    expect(world.asked).toEqual([]);
  });

  it('whose mint lost its answer leaves one that is found by name', async () => {
    const world = aWorld();
    world.faults.order('POST /organization/admin_api_keys', { do: 'lose-answer' });
    await failure(successorIn(world));
    const second = await successorIn(world);
    const ours = await world.authority.listOurs(world.authorityRequest());
    expect(ours).toHaveLength(2);
    const [orphan] = ours.filter(({ key }) => key !== second.key);
    await world.authority.revoke(world.authorityRequest(token(2)), {
      version: token(2),
      key: orphan?.key ?? '',
    });
    expect(live(world)).toEqual([FIRST_ADMIN.id, second.key]);
  });
});

describe('an admin key, asked about', () => {
  it('is verified patiently, and rejected in the end', async () => {
    const world = aWorld();
    world.faults.delay({ newKeyMs: 8_000 });
    world.pass(60);
    const successor = await successorIn(world);
    await world.authority.verify(world.authorityRequest(), successor);
    await world.authority.stopNow(world.authorityRequest(), successor);
    expect((await failure(world.authority.verify(world.authorityRequest(), successor))).code).toBe(
      'SUCCESSOR_REJECTED',
    );
  });

  it('shows when each of two was last used', async () => {
    const world = aWorld();
    const successor = await successorIn(world);
    world.pass(30);
    await world.authority.verify(world.authorityRequest(), successor);
    world.pass(30);
    const seen = await world.authority.observe(
      world.authorityRequest(),
      { successor, predecessor: FIRST },
      [],
    );
    expect(seen.successor.lastUsedAt).toBe('2026-01-01T00:00:30.000Z');
    // Asked with the first key itself: that is a use.
    expect(seen.predecessor.lastUsedAt).toBe('2026-01-01T00:01:00.000Z');
    const gone = { version: token(9), key: 'key_gone' };
    const none = await world.authority.observe(
      world.authorityRequest(),
      { successor: gone, predecessor: gone },
      [],
    );
    expect(none.successor).toEqual({ sessions: 'unknown' });
  });

  it('refuses to install a value that names the current key', async () => {
    const world = aWorld();
    const deputy = { ...FIRST, version: token(2) };
    expect((await failure(world.authority.install(world.authorityRequest(), deputy, FIRST))).code).toBe(
      'VALUE_MALFORMED',
    );
  });

  it('can only be deleted, and says so', async () => {
    const world = aWorld();
    expect((await failure(world.authority.disable(world.authorityRequest(), FIRST))).code).toBe(
      'NOT_SUPPORTED',
    );
    expect((await failure(world.authority.enable(world.authorityRequest(), FIRST))).code).toBe(
      'NOT_SUPPORTED',
    );
  });

  it('supplied by a person is checked, and never quoted', () => {
    const world = aWorld();
    const { credential } = world.authorityRequest();
    expect(() => world.authority.checkFirst(credential, FIRST.value)).not.toThrow();
    const pasted = new Secret('sk-admin-not-a-real-key-pasted-bare');
    expect(() => world.authority.checkFirst(credential, pasted)).toThrow(
      expect.objectContaining({ code: 'VALUE_MALFORMED', message: expect.not.stringContaining('pasted') }),
    );
  });
});
