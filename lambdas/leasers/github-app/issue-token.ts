import {
  assertNotTooLate,
  EXPIRY_MARGIN_SECONDS,
  outlivesBy,
  secondsLeft,
} from '../../core/access/issue-times.ts';
import { LockstepError } from '../../core/errors.ts';
import type { IssuedLease, LeaseHolder, LeaserRequest, LeaseTimes } from '../../core/ports/leaser.ts';
import { Secret } from '../../core/secret.ts';
import { appToken } from './app-token.ts';
import { githubAppCapabilities } from './capabilities.ts';
import { githubClient, type GithubAppPorts } from './client.ts';
import { assertNarrow, madeTokenIn, tokenIn, type MadeToken } from './made-token.ts';
import { accessFor, appOf, installationToLease } from './target.ts';

/** How long taking one back may take. It ends within the hour anyway. */
const TAKE_BACK_MILLISECONDS = 3000;

/**
 * Makes a token for one lease. GitHub keeps no name of a token and no fence: a token whose answer was lost is one that
 * nobody has, until its hour is over. One that came and is not as it should be is ended by itself.
 */
export async function issueToken(
  ports: GithubAppPorts,
  request: LeaserRequest,
  { purpose }: LeaseHolder,
  times: LeaseTimes,
): Promise<IssuedLease> {
  const { leaseId, leasable, authority } = request;
  assertNotTooLate(leaseId, times, ports.clock());
  if (!authority) {
    throw new LockstepError(
      'INVENTORY_INVALID',
      `leases of ${leasable.name} need a lease authority of kind github-app; name one and deploy again`,
    );
  }
  const target = installationToLease(leasable);
  const access = accessFor(leasable.name, target, purpose);
  assertAnHour(leasable.name, secondsLeft(times, ports.clock()));
  const { apiUrl, clientId } = appOf(authority.declared);
  const answer = await githubClient(ports)({
    apiUrl,
    method: 'POST',
    path: ['app', 'installations', String(target.installation), 'access_tokens'],
    bearer: await appToken(clientId, authority.value, ports.clock()),
    body: { repositories: access.repositories, permissions: access.permissions },
    subject: leasable.name,
    withinMilliseconds: Date.parse(times.notAfter) - ports.clock().getTime(),
  });
  try {
    const made = madeTokenIn(answer, leasable.name);
    assertNarrow(made, access, target, leasable.name);
    assertEnds(made, times, leasable.name);
    assertNotTooLate(leaseId, times, ports.clock());
    const { token, expiresAt } = made;
    const value = new Secret(JSON.stringify({ token: token.reveal(), expiresAt, apiUrl }));
    return { key: `${apiUrl}/app/installations/${target.installation}/${leaseId}`, value, expiresAt };
  } catch (error) {
    await takeBack(ports, apiUrl, leasable.name, tokenIn(answer));
    throw error;
  }
}

/** Every token lives for an hour, whatever is asked: a lease that is shorter would promise what is not so. */
function assertAnHour(leasable: string, left: number): void {
  const { shortestSeconds = 0 } = githubAppCapabilities;
  if (left >= shortestSeconds - EXPIRY_MARGIN_SECONDS) return;
  throw new LockstepError(
    'NOT_SUPPORTED',
    `leases of ${leasable} (github-app) live for an hour, and this one would be ${left} s; ask for an hour`,
  );
}

function assertEnds({ expiresAt }: MadeToken, times: LeaseTimes, subject: string): void {
  const seconds = outlivesBy(times, expiresAt);
  if (seconds === undefined) return;
  throw new LockstepError(
    'TARGET_REFUSED',
    `the API of ${subject} made a token that ends ${seconds} s after its lease; it is taken back`,
  );
}

/** Only whoever has a token can end it (`DELETE /installation/token`), and here it still is. */
async function takeBack(
  ports: GithubAppPorts,
  apiUrl: string,
  subject: string,
  bearer: Secret | undefined,
): Promise<void> {
  if (!bearer) return;
  await githubClient(ports)({
    apiUrl,
    method: 'DELETE',
    path: ['installation', 'token'],
    bearer,
    subject,
    withinMilliseconds: TAKE_BACK_MILLISECONDS,
    // Nobody has got it. What cannot be taken back ends within the hour.
  }).catch(() => undefined);
}
