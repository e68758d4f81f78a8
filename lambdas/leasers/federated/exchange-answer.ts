import { fit, number, optional, record, text, textUpTo } from '../../contracts/check.ts';
import { LockstepError } from '../../core/errors.ts';
import { Secret } from '../../core/secret.ts';
import { instant, secondsAfter, type Instant } from '../../core/time.ts';
import type { Exchange } from './target.ts';

/** A token that a service has given. What else came with it is left behind: a refresh token would outlive the lease. */
export interface ExchangedToken {
  readonly token: Secret;
  readonly expiresAt: Instant;
}

/** Tokens of Entra are some 2,000 characters long, with many groups some times that. */
const token = textUpTo(32_768);

/** What OpenAI's tokens live for where the answer does not say (its own clients count so). In seconds. */
const OPENAI_SECONDS = 3600;

/** Kinds of token that are shown as `Authorization: Bearer`. */
const ISSUED: ReadonlySet<string> = new Set([
  'urn:ietf:params:oauth:token-type:access_token',
  'urn:ietf:params:oauth:token-type:jwt',
]);

interface Answer {
  readonly access_token: string;
  readonly token_type?: string;
  readonly issued_token_type?: string;
  readonly expires_in?: number;
  readonly scope?: string;
}

/**
 * The token in an answer (RFC 6749 §5.1, RFC 8693 §2.2.1). One that does not say how long it lives, that is of another
 * type than was asked for, or that has a scope that was not, is refused. Throws `TARGET_REFUSED`, and quotes nothing.
 *
 * @param now when it came: a service counts from when it made it, which was not later
 */
export function exchangedTokenIn(
  answer: unknown,
  { exchange, subject, now }: { readonly exchange: Exchange; readonly subject: string; readonly now: Date },
): ExchangedToken {
  const what = `what the service of ${subject} answered`;
  const read = fit(
    record<Answer>({
      access_token: token,
      token_type: optional(text),
      issued_token_type: optional(text),
      expires_in: optional(number),
      scope: optional(text),
    }),
    answer,
    'TARGET_REFUSED',
    what,
  );
  if (!isVisible(read.access_token)) throw refused(what, 'its token is not one that a header can carry');
  if (!isBearer(read, exchange)) throw refused(what, 'its token is not a bearer token for access');
  if (!isWithinScopes(read, exchange)) throw refused(what, 'its token has a scope that was not asked for');
  const seconds = read.expires_in ?? (exchange.service === 'openai' ? OPENAI_SECONDS : undefined);
  if (seconds === undefined || seconds <= 0)
    throw refused(what, 'it does not say how long its token lives, and no lease may be longer than is known');
  return { token: new Secret(read.access_token), expiresAt: secondsAfter(instant(now), seconds) };
}

/** The token of a service account (`generateAccessToken`). Throws as above. */
export function serviceAccountTokenIn(answer: unknown, subject: string): ExchangedToken {
  const what = `what the service of ${subject} answered`;
  const { accessToken, expireTime } = fit(
    record<{ readonly accessToken: string; readonly expireTime: string }>({
      accessToken: token,
      expireTime: text,
    }),
    answer,
    'TARGET_REFUSED',
    what,
  );
  const end = new Date(expireTime);
  if (!isVisible(accessToken)) throw refused(what, 'its token is not one that a header can carry');
  if (Number.isNaN(end.getTime())) throw refused(what, 'it does not say when its token ends');
  return { token: new Secret(accessToken), expiresAt: instant(end) };
}

const refused = (what: string, why: string): LockstepError =>
  new LockstepError('TARGET_REFUSED', `${what}: ${why}; it is handed to nobody`);

const isVisible = (value: string): boolean => /^[!-~]+$/.test(value);

/** RFC 8693 asks for both words; the others say what they give by their own documentation, some without a word. */
function isBearer({ token_type, issued_token_type }: Answer, { service }: Exchange): boolean {
  const exact = service === 'rfc8693' || service === 'google';
  const type = token_type?.toLowerCase() ?? (exact ? 'none' : 'bearer');
  const issued = issued_token_type === undefined ? !exact : ISSUED.has(issued_token_type);
  return type === 'bearer' && issued;
}

/** A service that gives another scope than it was asked for has to say so (RFC 6749 §5.1). Less is no harm. */
function isWithinScopes({ scope }: Answer, exchange: Exchange): boolean {
  if (exchange.service !== 'rfc8693' || exchange.scopes === undefined || scope === undefined) return true;
  const asked = new Set(exchange.scopes);
  return scope.split(' ').every((each) => each === '' || asked.has(each));
}
