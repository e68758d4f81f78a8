import type { SessionClaims } from '../core/access/caller.ts';
import { LockstepError } from '../core/errors.ts';
import type { VerifiedToken } from '../core/ports/token-verifier.ts';
import { textsIn } from './claim-path.ts';

/** The namespace of the claims that AWS adds to its own tokens (`sts:GetWebIdentityToken`). */
const AWS = 'https://sts.amazonaws.com/';

/** What the session sets for itself when it asks AWS for its token: it can take away, and never give. */
const REQUEST_TAGS = `${AWS}.request_tags.`;

/**
 * Where a session's claims stand, unless the inventory names another claim: in a claim of its own; for tokens of AWS also
 * in the tags of the principal, which an administrator sets, and in those of the request.
 */
const DEFAULT_PATHS = {
  purposes: pathsOf('lockstep.purposes'),
  leases: pathsOf('lockstep.leases'),
} as const;

function pathsOf(name: string): readonly string[] {
  return [name, `${AWS}.principal_tags.${name}`, `${REQUEST_TAGS}${name}`];
}

/** What a token narrows its session to. Throws `UNAUTHENTICATED` where it tries to, and cannot be understood. */
export function sessionClaims(token: VerifiedToken): SessionClaims {
  const purposes = narrowing(token, 'purposes', (path) => !isRequestTag(path));
  const keptPurposes = narrowing(token, 'purposes', isRequestTag);
  const leases = narrowing(token, 'leases', () => true);
  return {
    ...(purposes === undefined ? {} : { purposes }),
    ...(keptPurposes === undefined ? {} : { keptPurposes }),
    ...(leases === undefined ? {} : { leases }),
    tokenId: token.id,
    expiresAt: token.expiresAt,
  };
}

const isRequestTag = (path: string): boolean => path.startsWith(REQUEST_TAGS);

/** What all those places that speak of it agree on; `undefined` where none does. */
function narrowing(
  { issuer, claims }: VerifiedToken,
  what: 'purposes' | 'leases',
  among: (path: string) => boolean,
): readonly string[] | undefined {
  const own = issuer.claims?.[what];
  const found = (own === undefined ? DEFAULT_PATHS[what] : [own])
    .filter(among)
    .map((path) => textsIn(claims, path))
    .filter((list) => list !== undefined);
  if (found.includes('malformed'))
    // Left out, it would leave the session wider than its issuer meant.
    throw new LockstepError(
      'UNAUTHENTICATED',
      `the token's claim of ${what} is neither a list of names nor a text of names with spaces between them`,
    );
  // A tag is one text: names in it stand apart by spaces, which no name has.
  const lists = found
    .filter((list) => list !== 'malformed')
    .map((list) => list.flatMap((text) => text.split(' ')));
  const [first] = lists;
  return first?.filter((each) => lists.every((list) => list.includes(each)));
}
