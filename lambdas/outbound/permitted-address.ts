import { isIP } from 'node:net';
import { classOfAddress } from './address-class.ts';

/** Where a request would go: what was written, and what that is on the network. */
export interface Destination {
  readonly protocol: 'http:' | 'https:';
  /** As the URL has it, without brackets. */
  readonly host: string;
  /** One address that the host stands for now. */
  readonly address: string;
  /** Hosts that may be inside, as the inventory names them. */
  readonly allowHosts: readonly string[];
}

/**
 * Why a request must not go there, in plain words; `undefined` where it may.
 *
 * The adversary writes a receiver's URL, or holds the name server of its host, and wants our request to reach
 * something that trusts this network (OWASP API7:2023, server-side request forgery). So a host counts as inside
 * by its address, whatever its name says, and only the inventory can let it be there. A metadata service must
 * be named by its very address: a name that turns out to point there is never what was meant.
 */
export function refusalOf({ protocol, host, address, allowHosts }: Destination): string | undefined {
  const place = classOfAddress(address);
  const isNamed = allowHosts.some((allowed) => sameHost(allowed, host));
  if (place === 'unusable') return 'its address is reserved, or stands for another address';
  if (place === 'infrastructure' && !(isNamed && isIP(host) !== 0))
    return 'its address is link-local or a metadata service';
  if (place === 'private' && !isNamed) return 'its address is private and allowHosts does not name it';
  if (place === 'loopback' && !isNamed) return 'its address is loopback and allowHosts does not name it';
  if (protocol === 'http:' && place !== 'loopback') return 'http without TLS goes to loopback only';
  return undefined;
}

/** Names are equal without regard to case and to the dot of a fully qualified one. */
const sameHost = (a: string, b: string): boolean => plain(a) === plain(b);
const plain = (host: string): string => host.toLowerCase().replace(/\.$/, '');
