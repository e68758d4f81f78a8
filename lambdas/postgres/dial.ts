import { lookup as systemLookup } from 'node:dns';
import { isIP, Socket, type LookupFunction } from 'node:net';
import type { ConnectionOptions } from 'node:tls';
import type { ServerEndpoint } from '../contracts/targets/endpoint.ts';
import { isLoopbackAddress, isPlain, leadsAway, tlsOptions } from '../servers/tls-rule.ts';

/** How far a connection came: what failed next was of the following kind. */
type Stage = 'name' | 'network' | 'tls' | 'login';

/** A socket that is about to connect, and what it saw on the way. */
export interface Dialled {
  readonly socket: Socket;
  /** What `pg` wraps the socket with; `false` on loopback without a declared CA. */
  readonly ssl: ConnectionOptions | false;
  stage(): Stage;
  /** The server's answer to the request for TLS: `S` yes, `N` no, `E` an error. */
  tlsAnswer(): string | undefined;
  localPort(): number | undefined;
}

/**
 * Makes the socket for one connection.
 *
 * TLS is verify-full for every host that is not loopback (`servers/tls-rule.ts`), and there is no way back to plain text
 * where the server knows no TLS.
 *
 * @param lookup as `dns.lookup`, which may be asked for all addresses at once
 */
export function dial(endpoint: ServerEndpoint, lookup: LookupFunction = systemLookup): Dialled {
  const { host } = endpoint;
  const plain = isPlain(endpoint);
  let stage: Stage = isIP(host) === 0 ? 'name' : 'network';
  let answer: string | undefined;
  let port: number | undefined;

  const socket = socketThatResolves(lookup);
  socket.once('lookup', (error: Error | null) => {
    if (!error) stage = 'network';
  });
  socket.once('connect', () => {
    stage = plain ? 'login' : 'tls';
    port = socket.localPort;
    if (plain && !isLoopbackAddress(socket.remoteAddress)) socket.destroy(leadsAway(host));
  });
  if (!plain) {
    socket.once('data', (bytes: Buffer) => {
      answer = String.fromCharCode(bytes[0] ?? 0);
    });
  }
  const ssl = tlsOptions(endpoint, () => (stage = 'login'));
  return {
    socket,
    ssl: plain ? false : ssl,
    stage: () => stage,
    tlsAnswer: () => answer,
    localPort: () => port,
  };
}

/** `pg` calls `connect(port, host)` and leaves no room for a resolver. */
function socketThatResolves(lookup: LookupFunction): Socket {
  const socket = new Socket();
  const connect = socket.connect.bind(socket) as (options: object) => Socket;
  return Object.assign(socket, {
    connect: (port: number, host: string) => connect({ port, host, lookup }),
  });
}
