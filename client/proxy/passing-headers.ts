import { endToEnd, plainName, type HeaderList } from './header-list.ts';

/**
 * Headers by which a client says who it is, as far as they are known here. None of these passes: beside our credential, one
 * of them could make the request somebody else's, and what the agent sends could end up in the account of whoever wrote to
 * it. What else a target takes for a login, in a header, the query or the body, is the target's own: nobody can list it.
 */
const LOGINS: ReadonlySet<string> = new Set([
  'authorization',
  'cookie',
  'x-api-key',
  'api-key',
  'apikey',
  'x-goog-api-key',
  'ocp-apim-subscription-key',
  'x-auth-token',
  'x-access-token',
  'x-shopify-access-token',
  'x-functions-key',
  'x-goog-user-project',
  'private-token',
  'job-token',
  'x-amz-security-token',
]);

/** Headers by which some servers do something else than what method, path and host say. */
const OVERRIDES: ReadonlySet<string> = new Set([
  'x-http-method',
  'x-http-method-override',
  'x-method-override',
  'x-original-url',
  'x-original-uri',
  'x-rewrite-url',
  'x-host',
  'forwarded',
  'x-real-ip',
]);

/** What we say ourselves. */
const OURS: ReadonlySet<string> = new Set(['host', 'content-length', 'expect', 'accept-encoding']);

/** The headers of a client that go on to the target; the rest is ours to write. */
export const passingHeaders = (headers: HeaderList): HeaderList =>
  endToEnd(headers).filter(([name]) => {
    const plain = plainName(name);
    return !(
      LOGINS.has(plain) ||
      OVERRIDES.has(plain) ||
      OURS.has(plain) ||
      plain.startsWith('x-forwarded-') ||
      plain.startsWith('lockstep-')
    );
  });
