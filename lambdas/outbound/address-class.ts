import ipaddr from 'ipaddr.js';
import { isIP } from 'node:net';

/**
 * What an address may be called for.
 *
 * - `public`: anybody's.
 * - `private`: of a network of one's own (RFC 1918, RFC 6598, RFC 4193).
 * - `loopback`: of this machine.
 * - `infrastructure`: of the network itself; the metadata services of clouds are here, which hand out credentials.
 * - `unusable`: nobody's in particular, or another address in disguise (NAT64, 6to4, Teredo, IPv4-compatible …).
 */
export type AddressClass = 'public' | 'private' | 'loopback' | 'infrastructure' | 'unusable';

/** Metadata services whose address does not lie in a link-local range. */
const METADATA: ReadonlySet<string> = new Set([
  'fd00:ec2::254', // Amazon EC2
  'fd20:ce::254', // Google Cloud
  '100.100.100.200', // Alibaba Cloud
  '192.0.0.192', // Oracle Cloud
  '168.63.129.16', // Azure: a public address that answers from inside
]);

/** The only IPv6 addresses that are given out (RFC 4291 §2.4); `::127.0.0.1` and its like lie outside. */
const GLOBAL_UNICAST = ipaddr.IPv6.parseCIDR('2000::/3');

/**
 * Sorts an address as a resolver or a parsed URL gives it. What cannot be read with certainty is `unusable`:
 * octal, hexadecimal or shortened forms are read differently by different readers, and that difference is an attack.
 */
export function classOfAddress(text: string): AddressClass {
  if (isIP(text) === 0 || text.includes('%')) return 'unusable';
  const address = ipaddr.parse(isIP(text) === 6 ? hexadecimal(text) : text);
  if (address instanceof ipaddr.IPv4) return classOfV4(address);
  return address.isIPv4MappedAddress() ? classOfV4(address.toIPv4Address()) : classOfV6(address);
}

/** WHATWG's one form of an IPv6 address. The library reads `::127.0.0.1`, which is reserved, as if it were mapped. */
const hexadecimal = (address: string): string => new URL(`http://[${address}]`).hostname.slice(1, -1);

function classOfV4(address: ipaddr.IPv4): AddressClass {
  if (METADATA.has(address.toString())) return 'infrastructure';
  switch (address.range()) {
    case 'unicast':
      return 'public';
    case 'loopback':
      return 'loopback';
    case 'private':
    case 'carrierGradeNat':
      return 'private';
    case 'linkLocal':
      return 'infrastructure';
    default:
      return 'unusable';
  }
}

function classOfV6(address: ipaddr.IPv6): AddressClass {
  if (METADATA.has(address.toString())) return 'infrastructure';
  switch (address.range()) {
    case 'unicast':
      return address.match(GLOBAL_UNICAST) ? 'public' : 'unusable';
    case 'loopback':
      return 'loopback';
    case 'uniqueLocal':
      return 'private';
    case 'linkLocal':
      return 'infrastructure';
    default:
      return 'unusable';
  }
}
