import { expect, it } from 'vitest';
import { secretName } from '../../lambdas/core/credential.ts';
import type { Role } from './cast.ts';
import { aWorld, currentOf, dependentOf, expectClean, rotate, until } from './stage.ts';
import type { World } from './world.ts';

const EVERYBODY = { store: ['prompt', 'sessions'], agents: ['poller'], hook: ['prompt'] } as const;

/** What the audit says of one rotation, in its order. */
const storyOf = (world: World, credential: string, token: string): readonly string[] =>
  world.stores.audit
    .entries(credential)
    .filter(({ what }) => what.rotation === token)
    .map(({ type, action, what }) => [type, action, what.dependent].filter(Boolean).join(' '));

const effect = (action: string): readonly string[] => [`intent ${action}`, `outcome ${action}`];
const BEGUN = ['decision request', ...effect('request')];
const TO_PROMOTION = [...effect('install'), 'outcome verify', ...effect('promote')];
const ENDED = [...effect('revoke'), ...effect('prove-refused'), 'outcome retire'];

const WAYS: readonly (readonly [Role, readonly string[]])[] = [
  [
    'store',
    [
      ...BEGUN,
      ...effect('issue'),
      ...effect('put-pending'),
      ...TO_PROMOTION,
      'outcome adopt-dependent store-0-prompt',
      'outcome adopt-dependent store-1-sessions',
      ...effect('disable'),
      ...ENDED,
    ],
  ],
  [
    'agents',
    [
      ...BEGUN,
      ...effect('issue'),
      ...effect('put-pending'),
      ...TO_PROMOTION,
      'outcome adopt-dependent agents-0-poller',
      ...ENDED,
    ],
  ],
  [
    'hook',
    [
      ...BEGUN,
      ...effect('issue'),
      ...effect('put-pending'),
      ...TO_PROMOTION,
      'outcome adopt-dependent hook-0-prompt',
      ...ENDED,
    ],
  ],
  ['db-admin', [...BEGUN, ...effect('issue'), ...effect('put-pending'), ...TO_PROMOTION, ...ENDED]],
  ['api-admin', [...BEGUN, ...effect('issue'), ...effect('put-pending'), ...TO_PROMOTION, ...ENDED]],
];

it.each(WAYS)(
  '%s goes all the way round, with two vault writes, and every effect in the audit',
  async (role, story) => {
    const world = await aWorld(EVERYBODY);
    const first = currentOf(world, role) ?? '';
    const before = world.stores.vault.writes.length;

    const token = await rotate(world, role);
    const ended = await until(world, role, ['retired']);

    // given nothing goes wrong, one value is put and one label moved
    const secret = secretName(world.inventory.environment, role);
    expect(world.stores.vault.writes.slice(before).filter((write) => write.secret === secret)).toEqual([
      // Secrets Manager's own: the pending version without a value
      { verb: 'register', secret, version: token },
      { verb: 'put-pending', secret, version: token },
      { verb: 'move-current', secret, version: token },
    ]);
    expect(storyOf(world, role, token)).toEqual(story);
    // what has ended is refused, and whoever depends on it works with the new one
    expect(ended.provenRefusedAt).toBeDefined();
    const declared = world.inventory.credentials.find(({ name }) => name === role);
    const old = world.stores.vault.valueOf(secret, first);
    expect(declared && old && world.stores.targetOf(declared).accepts(role, old)).toBe(false);
    for (const { name } of declared?.dependents ?? [])
      expect(dependentOf(world, name).versionsInUse()).toEqual([token]);
    expectClean(world);
  },
);
