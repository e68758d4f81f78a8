import { number, optional, record, text, fit } from '../../contracts/check.ts';
import type { LeaseAuthority } from '../../core/access/access-inventory.ts';
import { LockstepError } from '../../core/errors.ts';
import type { Leaser } from '../../core/ports/leaser.ts';
import type { Secret } from '../../core/secret.ts';
import { appToken } from './app-token.ts';
import { githubAppCapabilities } from './capabilities.ts';
import { githubClient, type GithubAppPorts } from './client.ts';
import { issueToken } from './issue-token.ts';
import { appOf } from './target.ts';
import { privateKeyIn } from './value.ts';

/**
 * Installation tokens of a GitHub App, narrowed to the repositories and permissions of a purpose. Each lives for an hour.
 *
 * Nothing here can end one that was handed over: GitHub ends a token for whoever shows it, and it was kept nowhere. What
 * the App's owner can do besides (suspend the installation) ends the tokens of everybody; docs/leases-of-services.md.
 */
export function githubAppLeaser(ports: GithubAppPorts): Leaser {
  return {
    capabilities: githubAppCapabilities,
    checkAuthority: (_authority, value) => void privateKeyIn(value),
    proveAuthority: async (authority, value) => proveAuthority(ports, authority, value),
    issue: async (request, holder, times) => issueToken(ports, request, holder, times),
    renew: async ({ leasable }) => {
      throw notSupported(leasable.name, 'cannot be renewed: a token ends at its time; ask for a new lease');
    },
    end: async () => undefined,
    isRefused: async () => 'unknown',
    listOurs: async ({ leasable }) => {
      throw notSupported(leasable.name, 'cannot be listed: GitHub does not say which tokens there are');
    },
  };
}

const notSupported = (leasable: string, what: string): LockstepError =>
  new LockstepError('NOT_SUPPORTED', `leases of ${leasable} (github-app) ${what}`);

/**
 * That the key is the App's. What else the App may do is no question of the key: every token is asked for with its
 * repositories and permissions, and refused where it comes with more.
 */
async function proveAuthority(
  ports: GithubAppPorts,
  authority: LeaseAuthority,
  value: Secret,
): Promise<void> {
  const { apiUrl, clientId } = appOf(authority);
  const answer = await githubClient(ports)({
    apiUrl,
    method: 'GET',
    path: ['app'],
    bearer: await appToken(clientId, value, ports.clock()),
    subject: authority.name,
  });
  const app = fit(
    record<{ readonly id: number; readonly client_id?: string }>({ id: number, client_id: optional(text) }),
    answer,
    'TARGET_REFUSED',
    `the App that the API of ${authority.name} answered with`,
  );
  if (app.client_id === clientId || String(app.id) === clientId) return;
  throw new LockstepError(
    'TARGET_REFUSED',
    `the API of ${authority.name} takes the key for another App than ${clientId}; correct clientId`,
  );
}
