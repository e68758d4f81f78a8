import { lookup as systemLookup } from 'node:dns';
import { connect as connectPlain, isIP, type LookupFunction, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { ServerEndpoint } from '../../contracts/targets/endpoint.ts';
import { isLoopbackAddress, isPlain, leadsAway, tlsOptions } from '../../servers/tls-rule.ts';

/** How far a connection came: what failed next was of the following kind. */
export type Stage = 'name' | 'network' | 'tls' | 'login';

/** A socket that is about to connect, and what it saw on the way. */
export interface Dialled {
  readonly socket: Socket;
  readonly stage: () => Stage;
  /** Settles once something may be sent: the server is proved, or it is this machine. */
  readonly ready: Promise<void>;
}

/** TLS as verify-full from the first byte on for every host that is not loopback, and no way back to plain text. */
export function dial(endpoint: ServerEndpoint, lookup: LookupFunction = systemLookup): Dialled {
  const { host, port } = endpoint;
  const plain = isPlain(endpoint);
  let stage: Stage = isIP(host) === 0 ? 'name' : 'network';
  const options = { host, port, lookup };
  const socket = plain
    ? connectPlain(options)
    : connectTls({
        ...options,
        ...(isIP(host) === 0 ? { servername: host } : {}),
        ...tlsOptions(endpoint, () => (stage = 'login')),
      });
  socket.once('lookup', (error: Error | null) => {
    if (!error) stage = 'network';
  });
  socket.once('connect', () => {
    stage = plain ? 'login' : 'tls';
    if (plain && !isLoopbackAddress(socket.remoteAddress)) socket.destroy(leadsAway(host));
  });
  const ready = new Promise<void>((resolve, reject) => {
    socket.once(plain ? 'connect' : 'secureConnect', resolve);
    socket.once('error', reject);
    socket.once('close', () => reject(new Error('closed')));
  });
  return { socket, stage: () => stage, ready };
}
