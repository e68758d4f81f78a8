import ipaddr from 'ipaddr.js';

/** What a host is, as far as its name tells. A name that resolves to a private address is found out at run time. */
export type Reach = 'loopback' | 'link-local' | 'private' | 'public';

/** Where the clouds answer questions about an instance, credentials included; fd00:… is private by its range. */
const METADATA: readonly string[] = ['fd00:ec2::254', 'fd00:ec2::23', 'metadata.google.internal'];

/** Classifies a host name or address. */
export function reachOf(host: string): Reach {
  const name = canonicalHost(host);
  if (name === 'localhost' || name.endsWith('.localhost')) return 'loopback';
  if (METADATA.includes(name)) return 'link-local';
  if (!ipaddr.isValid(name)) return 'public';
  // An IPv4 address inside an IPv6 one is the IPv4 address.
  switch (ipaddr.process(name).range()) {
    case 'loopback':
    case 'unspecified':
      return 'loopback';
    case 'linkLocal':
    case 'multicast':
    case 'broadcast':
      return 'link-local';
    case 'unicast':
      return 'public';
    default:
      return 'private';
  }
}

/** One spelling of a host: WHATWG URLs turn `127.1`, `0x7f.1` and `2130706433` into `127.0.0.1`, as resolvers do. */
export function canonicalHost(host: string): string {
  const literal = host.includes(':') ? `[${host}]` : host;
  const url = urlOf(`http://${literal}/`);
  return (url?.hostname ?? host)
    .replace(/^\[(.*)\]$/, '$1')
    .replace(/\.$/, '')
    .toLowerCase();
}

/** The URL that a text is, if it is one. */
export const urlOf = (text: string): URL | undefined => (URL.canParse(text) ? new URL(text) : undefined);
