import { ACTING_FOR_HEADER, MAX_TOKEN_LENGTH, TOKEN_HEADER } from '../contracts/access-wire.ts';
import { LockstepError } from '../core/errors.ts';
import { Secret } from '../core/secret.ts';

/** The headers of a request, named in lower case. One that was sent twice is one text with a comma, which no token has. */
type Headers = Readonly<Record<string, unknown>>;

/**
 * The token that alone says who asks. Throws `UNAUTHENTICATED` where there is none, or another beside it: a door that
 * takes tokens has nothing that would prove the agent.
 */
export function bearerToken(headers: Headers): Secret {
  const token = tokenIn(headers, TOKEN_HEADER);
  if (!token) throw refused(`nothing says who asks; send a token as ${TOKEN_HEADER}, or sign the request`);
  if (headers[ACTING_FOR_HEADER] !== undefined)
    throw refused(
      `${ACTING_FOR_HEADER} goes with a signature or a proof; beside ${TOKEN_HEADER} it is refused`,
    );
  return token;
}

/** Whether a request brings a token as its own proof. */
export const hasBearerToken = (headers: Headers): boolean => headers[TOKEN_HEADER] !== undefined;

/**
 * The token of whom the caller acts for, at a door that has proved the caller itself. Throws `UNAUTHENTICATED` where the
 * request brings a second proof of who asks: it could choose which of the two counted.
 */
export function actingForToken(headers: Headers): { readonly actingFor?: Secret } {
  if (hasBearerToken(headers))
    throw refused(`the request proves who asks already; ${TOKEN_HEADER} beside that is refused`);
  const token = tokenIn(headers, ACTING_FOR_HEADER);
  return token ? { actingFor: token } : {};
}

function tokenIn(headers: Headers, name: string): Secret | undefined {
  const text = headers[name];
  if (text === undefined) return undefined;
  if (typeof text === 'string' && text !== '' && text.length <= MAX_TOKEN_LENGTH) return new Secret(text);
  throw refused(`${name} holds no one token of at most ${MAX_TOKEN_LENGTH} characters`);
}

const refused = (why: string): LockstepError => new LockstepError('UNAUTHENTICATED', why);
