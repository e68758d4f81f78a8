/**
 * Leases of GitHub itself. Skipped unless it is asked for, because it makes real tokens:
 *
 *     LOCKSTEP_LIVE_GITHUB=1 \
 *     LOCKSTEP_LIVE_GITHUB_KEY_FILE=~/app.private-key.pem \
 *     LOCKSTEP_LIVE_GITHUB_CLIENT_ID=Iv23… LOCKSTEP_LIVE_GITHUB_INSTALLATION=… \
 *     LOCKSTEP_LIVE_GITHUB_ACCOUNT=acme LOCKSTEP_LIVE_GITHUB_REPOSITORY=docs \
 *       npx vitest run --project targets test/targets/leases-live/github-app.test.ts
 *
 * The file is the private key of an App as its settings page gave it, readable by its owner alone (chmod 600). The App
 * needs `contents: read` on that repository and no more. Nothing is written there, and the token is ended.
 *
 * What it is for: what the double only assumes. That a narrowed token names its repositories and permissions as
 * `made-token.ts` reads them; that it ends within the hour; that its holder can end it, and how soon that is obeyed.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { githubAppLeaser } from '../../../lambdas/leasers/github-app/leaser.ts';
import { githubAppLeaseSupply } from '../../../lambdas/leasers/github-app/supply.ts';
import type { Secret } from '../../../lambdas/core/secret.ts';
import { leaseAuthorityOf } from '../../leasers/a-leasable.ts';
import { inMinutes } from '../../leasers/in-minutes.ts';
import { given, liveLease, LIVE_HOLDER, secretFile } from './live-lease.ts';

const isAsked = process.env['LOCKSTEP_LIVE_GITHUB'] === '1';
const clock = (): Date => new Date();
const leaser = githubAppLeaser({ fetch, clock });

function suppliedKey(): Secret {
  const supply = githubAppLeaseSupply;
  if (supply.how !== 'pasted') throw new TypeError('a key of an App is pasted');
  return supply.read(leaseAuthorityOf('github-app', {}), secretFile('LOCKSTEP_LIVE_GITHUB_KEY_FILE'));
}

function lease() {
  const repositories = [given('LOCKSTEP_LIVE_GITHUB_REPOSITORY')];
  return liveLease(
    'github-app',
    {
      installation: Number(given('LOCKSTEP_LIVE_GITHUB_INSTALLATION')),
      account: given('LOCKSTEP_LIVE_GITHUB_ACCOUNT'),
      access: [{ repositories, permissions: { contents: 'read' } }],
    },
    {
      target: { apiUrl: 'https://api.github.com', clientId: given('LOCKSTEP_LIVE_GITHUB_CLIENT_ID') },
      value: suppliedKey(),
    },
  );
}

/** As a holder does it: with nothing but the value. */
async function status(value: Secret, method: 'GET' | 'DELETE', path: string): Promise<number> {
  const { token, apiUrl } = JSON.parse(value.reveal()) as { readonly token: string; readonly apiUrl: string };
  const headers = { authorization: `Bearer ${token}`, accept: 'application/vnd.github+json' };
  return (await fetch(`${apiUrl}/${path}`, { method, headers })).status;
}

describe.skipIf(!isAsked)('GitHub itself (skipped without LOCKSTEP_LIVE_GITHUB=1)', () => {
  it(
    'proves an App, leases a token of it, and refuses it when its holder has ended it',
    { timeout: 120_000 },
    async () => {
      const request = lease();
      if (request.authority) await leaser.proveAuthority(request.authority.declared, request.authority.value);
      const { value, expiresAt = '' } = await leaser.issue(request, LIVE_HOLDER, inMinutes(clock, 60));
      expect(Date.parse(expiresAt)).toBeGreaterThan(Date.now());
      const repository = `repos/${given('LOCKSTEP_LIVE_GITHUB_ACCOUNT')}/${given('LOCKSTEP_LIVE_GITHUB_REPOSITORY')}`;
      expect(await status(value, 'GET', repository)).toBe(200);
      expect(await status(value, 'DELETE', 'installation/token')).toBe(204);
      let last = 0;
      for (let tries = 0; tries < 30 && last !== 401; tries += 1) {
        last = await status(value, 'GET', 'installation/repositories');
        await sleep(1000);
      }
      expect(last).toBe(401);
    },
  );
});
