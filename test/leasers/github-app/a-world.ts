import { generateKeyPairSync } from 'node:crypto';
import type { LeaserRequest } from '../../../lambdas/core/ports/leaser.ts';
import type { Secret } from '../../../lambdas/core/secret.ts';
import { githubAppLeaser } from '../../../lambdas/leasers/github-app/leaser.ts';
import { privateKeyValue } from '../../../lambdas/leasers/github-app/value.ts';
import { FakeClock } from '../../fakes/fake-clock.ts';
import { leasableOf, leaseAuthorityOf, newLeaseId } from '../a-leasable.ts';
import { githubDouble, type DoubleInstallation } from './github-double.ts';
import { MARK } from '../../fakes/marks.ts';

export const API_URL = 'https://api.github.test';
export const CLIENT_ID = 'Iv23lidouble';

// Made once: making one takes longer than all that is tested with it.
const [OURS, OTHERS] = [
  generateKeyPairSync('rsa', { modulusLength: 2048 }),
  generateKeyPairSync('rsa', { modulusLength: 2048 }),
];
export const PRIVATE_KEY = OURS.privateKey;
export const VALUE = privateKeyValue(OURS.privateKey);
export const WRONG_VALUE = privateKeyValue(OTHERS.privateKey);

export const READ = { repositories: ['docs'], permissions: { contents: 'read' } };

/** The installation that is leased of. Another account has installed the same App, and calls a repository the same. */
const INSTALLATIONS: readonly DoubleInstallation[] = [
  {
    id: 7,
    account: 'acme',
    repositories: ['docs', 'site', 'payroll'],
    permissions: { contents: 'write', issues: 'write', metadata: 'read' },
  },
  { id: 8, account: 'mallory', repositories: ['docs'], permissions: { contents: 'admin', metadata: 'read' } },
  { id: 9, account: 'acme', repositories: ['docs'], permissions: { contents: 'read' }, isSuspended: true },
];

export const anInstallation = (target: Readonly<Record<string, unknown>> = {}) =>
  leasableOf(
    'github-app',
    { installation: 7, account: 'acme', access: [READ], ...target },
    { authority: 'lease-admin', name: 'docs-writer' },
  );

/** The leaser on a double of GitHub, without sockets. */
export function aGithubWorld(clientId = CLIENT_ID) {
  const clock = new FakeClock();
  const app = { id: 4711, clientId: CLIENT_ID, publicKey: OURS.publicKey, installations: INSTALLATIONS };
  const github = githubDouble(API_URL, [app], clock.now);
  const declared = leaseAuthorityOf('github-app', { apiUrl: API_URL, clientId });
  return {
    clock,
    github,
    declared,
    leaser: githubAppLeaser({ fetch: github.fetch, clock: clock.now }),
    request: (target: Readonly<Record<string, unknown>> = {}): LeaserRequest => ({
      environment: 'test',
      mark: MARK,
      leasable: anInstallation(target),
      authority: { declared, value: VALUE },
      leaseId: newLeaseId(),
      fence: 1,
    }),
    /** As a holder does: with nothing but the value. */
    may: (value: Secret, repository: string, permission: string, level: 'read' | 'write'): boolean => {
      const { token } = JSON.parse(value.reveal()) as { readonly token: string };
      return github.allows(token, repository, permission, level);
    },
    cleanUp: async () => {
      if (github.violations.length > 0) throw new Error(github.violations.join('\n'));
    },
  };
}
