import { once } from 'node:events';
import { request as httpRequest, type ClientRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { PROXY_HEADER } from '../../client/proxy/refusal.ts';

/** What a program is given of an egress proxy: where it is, and what to show there. No key of anything. */
export interface ProxyDoor {
  readonly port: number;
  /** The login of the pass, `<name>:<secret>`. */
  readonly login: string;
  /** The authority of the pass, PEM: what its certificates are checked by. */
  readonly authority: string;
}

/** A request that goes through the door. */
export interface ProxiedRequest {
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
}

/**
 * Begins a request through a proxy, on a connection of its own: as a whole URL where it is http, and by CONNECT and TLS
 * where it is https. Errors: those of the socket; one with the proxy's own code where it opens no way to the host.
 */
export async function requestThrough(
  door: ProxyDoor,
  url: URL,
  asked: ProxiedRequest,
): Promise<ClientRequest> {
  const { method, headers, timeoutMs: timeout } = asked;
  if (url.protocol === 'http:')
    return httpRequest({
      ...ownConnection(door),
      method,
      path: url.href,
      headers: { host: url.host, ...headers, ...loginOf(door) },
      timeout,
    });
  const socket = await connectThrough(door, url, timeout);
  return httpsRequest({
    createConnection: () => connectTls({ socket, servername: url.hostname, ca: door.authority }),
    method,
    path: url.pathname + url.search,
    headers: { host: url.host, ...headers },
    timeout,
  });
}

/** The code of a refusal of the proxy's own; `undefined` for an answer of the target. */
export function refusalOf({ headers }: IncomingMessage): string | undefined {
  const code = headers[PROXY_HEADER];
  return typeof code === 'string' ? code : undefined;
}

async function connectThrough(door: ProxyDoor, url: URL, timeout: number): Promise<Socket> {
  const place = `${url.hostname}:${url.port || '443'}`;
  const asking = httpRequest({
    ...ownConnection(door),
    method: 'CONNECT',
    path: place,
    headers: { host: place, ...loginOf(door) },
    timeout,
  });
  asking.on('timeout', () => asking.destroy(Object.assign(new Error('no answer'), { code: 'ETIMEDOUT' })));
  asking.end();
  const [response, socket] = (await once(asking, 'connect')) as [IncomingMessage, Socket];
  if (response.statusCode === 200) return socket;
  socket.destroy();
  const code = refusalOf(response) ?? String(response.statusCode);
  throw Object.assign(new Error(`the proxy opens no way to ${place}`), { code });
}

const ownConnection = ({ port }: ProxyDoor) => ({ host: '127.0.0.1', port, agent: false }) as const;

const loginOf = ({ login }: ProxyDoor) => ({
  'proxy-authorization': `Basic ${Buffer.from(login).toString('base64')}`,
});
