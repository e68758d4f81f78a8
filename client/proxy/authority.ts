import { isIP } from 'node:net';

/** A host and a port, as CONNECT and Host name them. */
export interface Authority {
  /** Lower case, without a final dot. */
  readonly host: string;
  readonly port: number;
}

/** Labels of letters, digits, hyphens and underscores: what resolves, and means the same to everybody who reads it. */
const NAME = /^(?=.{1,253}$)[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?)*$/;

/**
 * Reads `host:port`, or `host` where a port follows from the scheme. `undefined` for anything that two readers could take
 * differently: a login, an address, which certificates and rules do not name, an empty port, a final dot, a name that is
 * not ASCII.
 */
export function readAuthority(text: string, portOtherwise?: number): Authority | undefined {
  const [, written = '', digits] = /^([^:]+)(?::([1-9]\d{0,4}))?$/.exec(text) ?? [];
  const host = written.toLowerCase();
  const port = digits === undefined ? portOtherwise : Number(digits);
  if (port === undefined || port > 65_535 || !NAME.test(host) || isIP(host) !== 0) return undefined;
  // `1.2.3` and `0x7f.1` are addresses to some resolvers.
  const last = host.slice(host.lastIndexOf('.') + 1);
  if (/^(\d+|0x[0-9a-f]*)$/.test(last)) return undefined;
  return { host, port };
}

export const sameAuthority = (a: Authority, b: Authority): boolean => a.host === b.host && a.port === b.port;
