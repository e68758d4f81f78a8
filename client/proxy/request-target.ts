/** What a request asks for, as rules are applied to it. */
export interface RequestTarget {
  /** As it was sent, without the query. */
  readonly path: string;
  /** With its question mark; empty where there is none. */
  readonly query: string;
}

/** What may stand in a path or a query (RFC 3986 §3.3, §3.4), and the few characters that clients leave as they are. */
const CHARACTERS = /^\/[A-Za-z0-9\-._~!$&'()*+,;=:@%/?[\]{}|^"`<>\\]*$/;

/** How often a path is decoded before it is looked at: a server behind a server may decode it again. */
const DECODED_TIMES = 3;

/**
 * Reads the target of a request in origin form. `undefined` for every other form, for a fragment, and for a path with a
 * segment `.` or `..`, plain or in any disguise: what it leads to is decided by the reader, and a rule would have been
 * applied to something else.
 */
export function readTarget(text: string): RequestTarget | undefined {
  if (!CHARACTERS.test(text)) return undefined;
  const at = text.indexOf('?');
  const [path, query] = at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at)];
  return hasDotSegment(path) ? undefined : { path, query };
}

function hasDotSegment(path: string): boolean {
  // No character of UTF-8 begins with these: an overlong dot or slash, to a reader that is easy about it.
  if (/%c[01]/i.test(path)) return true;
  let seen = path;
  for (let time = 0; time <= DECODED_TIMES; time += 1) {
    // Some servers take a backslash for a slash, and end a segment at a semicolon.
    const segments = seen.replaceAll('\\', '/').split('/');
    if (segments.some((segment) => /^\.{1,2}$/.test(segment.replace(/;.*$/, '')))) return true;
    seen = decoded(seen);
  }
  return false;
}

/** Decodes what can be decoded. What stands for no ASCII character cannot be a dot or a slash, and stays. */
const decoded = (text: string): string =>
  text.replaceAll(/%([0-7][0-9A-Fa-f])/g, (_all, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 16)),
  );
