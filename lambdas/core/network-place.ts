import type { NetworkPlace } from './kind.ts';

/** The place that an http or https URL names. Throws a `TypeError` where it is no URL. */
export function placeOfUrl(url: string): NetworkPlace {
  const { hostname, port, protocol } = new URL(url);
  // WHATWG keeps the brackets of an IPv6 address; sockets and resolvers take it without.
  const host = hostname.replace(/^\[(.*)\]$/, '$1');
  if (port !== '') return { host, port: Number(port) };
  return { host, port: protocol === 'https:' ? 443 : 80 };
}
