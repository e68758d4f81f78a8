/**
 * The rotators against OpenAI itself. Skipped unless it is asked for, because it makes and deletes real keys:
 *
 *     LOCKSTEP_LIVE_OPENAI=1 \
 *     LOCKSTEP_LIVE_OPENAI_ADMIN_KEY_FILE=~/openai-admin-key \
 *     LOCKSTEP_LIVE_OPENAI_PROJECT=proj_… \
 *       npx vitest run --project targets test/targets/openai-live.test.ts
 *
 * The file holds an admin key and nothing else, and is readable by its owner alone (chmod 600); the key itself is
 * never in the environment. Use a project of its own: everything made there is named `lockstep/5hm4rk0a/live-test/…`, and
 * all of that is deleted in the end. It costs nothing: no model is asked anything but for the list of models.
 *
 * What it is for: what the provider does not document, and the double therefore only assumes. That a name of a
 * service account may be as long as ours and hold slashes; how long a new key and an ended one take; that deleting
 * the account ends its key; that an ended key is answered 401.
 */
import { readFileSync, statSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, describe, expect, it } from 'vitest';
import type { Credential } from '../../lambdas/core/credential.ts';
import type { RotatorRequest } from '../../lambdas/core/ports/rotator.ts';
import { Secret } from '../../lambdas/core/secret.ts';
import { openaiAuthorityRotator } from '../../lambdas/rotators/openai/authority-rotator.ts';
import { openaiRotator } from '../../lambdas/rotators/openai/rotator.ts';
import { token } from '../fakes/counted-ids.ts';
import { MARK } from '../fakes/marks.ts';

const isAsked = process.env['LOCKSTEP_LIVE_OPENAI'] === '1';
const ports = { fetch, clock: () => new Date(), sleep };
const rotator = openaiRotator(ports);
const authority = openaiAuthorityRotator(ports);

function adminValue(): Secret {
  const path = process.env['LOCKSTEP_LIVE_OPENAI_ADMIN_KEY_FILE'] ?? '';
  if ((statSync(path).mode & 0o077) !== 0) throw new Error('the key file is readable by others: chmod 600');
  return new Secret(
    JSON.stringify({ adminKey: readFileSync(path, 'utf8').trim(), keyId: 'key_of_the_file' }),
  );
}

function request(name: string, target: Credential['target'], of: string): RotatorRequest {
  const admin = adminValue();
  return {
    environment: 'live-test',
    mark: MARK,
    credential: {
      name,
      target: { apiUrl: 'https://api.openai.com/v1', ...target },
      dependents: [],
    } as unknown as Credential,
    token: of,
    fence: 1,
    withAuthority: (use) => use(admin),
  };
}
// As long as a name of ours can be: 64 characters of credential.
const keys = (of = token(1)): RotatorRequest =>
  request('a'.repeat(64), { project: process.env['LOCKSTEP_LIVE_OPENAI_PROJECT'] ?? '' }, of);
const admins = (of = token(1)): RotatorRequest => request('b'.repeat(64), {}, of);

describe.skipIf(!isAsked)('OpenAI itself (skipped without LOCKSTEP_LIVE_OPENAI=1)', () => {
  afterAll(async () => {
    for (const { key } of await rotator.listOurs(keys()))
      await rotator.revoke(keys(), { version: 'live', key });
    for (const { key } of await authority.listOurs(admins()))
      await authority.revoke(admins(), { version: 'live', key });
  });

  it(
    'mints a project key, takes it, shows its use, ends it and refuses it',
    { timeout: 180_000 },
    async () => {
      const version = { version: token(1), ...(await rotator.issue(keys(), undefined)) };
      await rotator.verify(keys(), version);
      expect(await rotator.listOurs(keys())).toMatchObject([{ key: version.key, token: token(1) }]);
      const seen = await rotator.observe(keys(), { successor: version, predecessor: version }, []);
      expect(seen.predecessor.sessions).toBe('unknown');
      await rotator.revoke(keys(), version);
      await rotator.revoke(keys(), version);
      expect(await rotator.proveRefused(keys(), version)).toBe('refused');
      expect(await rotator.listOurs(keys())).toEqual([]);
    },
  );

  it('mints an admin key, takes it, ends it and refuses it', { timeout: 180_000 }, async () => {
    const current = { version: token(1), key: 'key_of_the_file', value: adminValue() };
    const version = { version: token(2), ...(await authority.issue(admins(token(2)), current)) };
    await authority.verify(admins(), version);
    expect(await authority.listOurs(admins())).toMatchObject([{ key: version.key, token: token(2) }]);
    await authority.revoke(admins(), version);
    expect(await authority.proveRefused(admins(), version)).toBe('refused');
  });
});
