import type { IncomingMessage } from 'node:http';
import { LockstepError } from '../../lambdas/core/errors.ts';
import { readAuthority, sameAuthority, type Authority } from './authority.ts';
import { headerList, valuesOf } from './header-list.ts';

type Asked = Pick<IncomingMessage, 'url' | 'rawHeaders'>;

const malformed = (what: string): LockstepError =>
  new LockstepError('MALFORMED_REQUEST', `${what}; nothing was sent on`);

/** Where a CONNECT wants to get to. Throws `MALFORMED_REQUEST`, also where its Host says something else, or it has a body. */
export function connectPlace({ url = '', rawHeaders }: Asked): Authority {
  const headers = headerList(rawHeaders);
  const place = readAuthority(url);
  if (!place)
    throw malformed('CONNECT is for a host name and a port; addresses have no rules and no certificates');
  // HTTP/1.0 clients send none.
  const hosts = valuesOf(headers, 'host').map((host) => readAuthority(host, place.port));
  if (hosts.length > 1 || hosts.some((host) => !host || !sameAuthority(host, place)))
    throw malformed('CONNECT and its Host name different places');
  const framing = ['content-length', 'transfer-encoding'].flatMap((name) => valuesOf(headers, name));
  if (framing.some((value) => value !== '0')) throw malformed('CONNECT has no body');
  return place;
}

/** Where a request without TLS wants to get to, and what it wants there. Throws `MALFORMED_REQUEST`. */
export function plainPlace({ url = '' }: Asked): { readonly authority: Authority; readonly target: string } {
  const [, named = '', target = ''] = /^http:\/\/([^/?#]+)(.*)$/i.exec(url) ?? [];
  const authority = readAuthority(named, 80);
  if (authority) return { authority, target: target === '' ? '/' : target };
  throw malformed(
    named === ''
      ? 'this is a proxy: CONNECT host:port was expected, or GET http://host/…'
      : 'a request through this proxy is for a host name; addresses have no rules',
  );
}
