import { assertNotTooLate, outlivesBy, secondsLeft } from '../../core/access/issue-times.ts';
import { LockstepError } from '../../core/errors.ts';
import type { IssuedLease, LeaseHolder, LeaserRequest, LeaseTimes } from '../../core/ports/leaser.ts';
import { Secret } from '../../core/secret.ts';
import type { Clock } from '../../core/time.ts';
import { apiClient, type ApiCall, type ApiPorts } from '../../outbound/api-call.ts';
import { exchangedTokenIn, serviceAccountTokenIn, type ExchangedToken } from './exchange-answer.ts';
import { exchangeRequest } from './exchange-request.ts';
import { holderToken } from './holder-token.ts';
import { refusalOf } from './refusal.ts';
import { tokenToExchange, type GoogleExchange, type TokenToExchange } from './target.ts';

/** What the leaser needs from outside. */
export interface FederatedPorts extends ApiPorts {
  readonly clock: Clock;
}

/** One exchange: what it is about, and for how long anybody waits for it. */
interface Underway {
  readonly ports: FederatedPorts;
  readonly subject: string;
  readonly times: LeaseTimes;
}

/**
 * Exchanges the holder's token for one of another service. Nothing is stored for it, and nothing stays: a token whose
 * answer was lost is one that nobody has, and so is one that is refused here because it would outlive its lease.
 */
export async function exchangeToken(
  ports: FederatedPorts,
  { leaseId, leasable }: LeaserRequest,
  holder: LeaseHolder,
  times: LeaseTimes,
): Promise<IssuedLease> {
  assertNotTooLate(leaseId, times, ports.clock());
  const target = tokenToExchange(leasable);
  const proof = holderToken(leasable.name, target, holder);
  const { token, expiresAt } = await exchanged({ ports, subject: leasable.name, times }, target, proof);
  assertEnds(leasable.name, times, expiresAt);
  assertNotTooLate(leaseId, times, ports.clock());
  const value = new Secret(JSON.stringify({ accessToken: token.reveal(), expiresAt }));
  return { key: `${target.exchange.service}/${leaseId}`, value, expiresAt };
}

async function exchanged(
  underway: Underway,
  { exchange }: TokenToExchange,
  proof: Secret,
): Promise<ExchangedToken> {
  const { subject, ports } = underway;
  const answer = await send(underway, exchangeRequest(exchange, proof));
  const first = exchangedTokenIn(answer, { exchange, subject, now: ports.clock() });
  if (exchange.service !== 'google' || exchange.serviceAccount === undefined) return first;
  return asServiceAccount(underway, exchange, exchange.serviceAccount, first.token);
}

/**
 * The token of a service account, asked for by one that may do nothing but ask: the first is dropped here. Google lets
 * the lifetime be asked for, so it ends with the lease.
 */
async function asServiceAccount(
  underway: Underway,
  { scopes }: GoogleExchange,
  account: string,
  bearer: Secret,
): Promise<ExchangedToken> {
  const { subject, times, ports } = underway;
  const lifetime = `${Math.max(1, secondsLeft(times, ports.clock()))}s`;
  const answer = await send(underway, {
    url: `https://iamcredentials.googleapis.com/v1/projects/-/serviceAccounts/${encodeURIComponent(account)}:generateAccessToken`,
    field: 'exchange.serviceAccount',
    bearer,
    body: { contentType: 'application/json', text: new Secret(JSON.stringify({ scope: scopes, lifetime })) },
  });
  return serviceAccountTokenIn(answer, subject);
}

/** One request; never repeated. */
async function send(
  { ports, subject, times }: Underway,
  request: Pick<ApiCall, 'url' | 'field' | 'headers' | 'body' | 'bearer'>,
): Promise<unknown> {
  const answer = await apiClient(ports)({
    ...request,
    method: 'POST',
    subject,
    withinMilliseconds: Date.parse(times.notAfter) - ports.clock().getTime(),
    headers: { accept: 'application/json', ...request.headers },
  });
  if (answer.status >= 200 && answer.status < 300) return answer.body;
  throw refusalOf(subject, answer, ports.clock());
}

function assertEnds(subject: string, times: LeaseTimes, expiresAt: string): void {
  const seconds = outlivesBy(times, expiresAt);
  if (seconds === undefined) return;
  throw new LockstepError(
    'TARGET_REFUSED',
    `the service of ${subject} gives tokens that end ${seconds} s after this lease would, and nobody can end one; ` +
      'lease it for longer, or have the service make them shorter',
  );
}
