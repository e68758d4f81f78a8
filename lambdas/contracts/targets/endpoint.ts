import type { NetworkPlace } from '../../core/kind.ts';
import { number, optional, record, text, type Check } from '../check.ts';

/** Where a server is, and whom its certificate is trusted by; `ca` absent: the roots of the system. */
export interface ServerEndpoint {
  readonly host: string;
  readonly port: number;
  readonly ca?: string | undefined;
}

/** PEM certificates are longer than other texts. */
const pem: Check<string> = (value, path) =>
  typeof value === 'string' && value.includes('-----BEGIN CERTIFICATE-----') ? value : text(undefined, path);

/** Checked by a kind's schema before; this only gives it its type back. */
export const endpointCheck: Check<ServerEndpoint> = record<ServerEndpoint>({
  host: text,
  port: number,
  ca: optional(pem),
});

/** True for a host that no network lies before. A name other than `localhost` may lead anywhere. */
export const isLoopback = (host: string): boolean =>
  host.toLowerCase() === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host);

/** The same account at a server has the same text, whoever declares it: `postgres://db.example.com:5432/rag_a`. */
export const accountAt = (scheme: string, { host, port }: ServerEndpoint, name: string): string =>
  `${scheme}://${host.toLowerCase()}:${port}/${name}`;

/** Where its function must get to. */
export const placeOf = ({ host, port }: ServerEndpoint): NetworkPlace => ({ host, port });
