import { lookup as systemLookup } from 'node:dns';
import { isIP, Socket, type LookupFunction } from 'node:net';
import { checkServerIdentity, type ConnectionOptions } from 'node:tls';
import { LockstepError } from '../../core/errors.ts';
import type { PostgresEndpoint } from './kind.ts';
import { isLoopback } from './target.ts';

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
 * TLS is verify-full for every host that is not loopback: the chain leads to the declared CA (absent, to the
 * roots that Node trusts) and the certificate names the host. There is no way to switch that off, and no way
 * back to plain text where the server knows no TLS. A loopback host with a declared CA is held to the same.
 *
 * @param lookup as `dns.lookup`, which may be asked for all addresses at once
 */
export function dial(endpoint: PostgresEndpoint, lookup: LookupFunction = systemLookup): Dialled {
  const { host, ca } = endpoint;
  const plain = isLoopback(host) && ca === undefined;
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
  const ssl: ConnectionOptions = {
    ...(ca === undefined ? {} : { ca }),
    rejectUnauthorized: true,
    minVersion: 'TLSv1.2',
    // Called once the chain has been found good; from then on a failure is not about TLS.
    checkServerIdentity(name, certificate) {
      const mismatch = checkServerIdentity(name, certificate);
      if (!mismatch) stage = 'login';
      return mismatch;
    },
  };
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

/** `localhost` is a name like any other in a hosts file that somebody changed. */
const leadsAway = (host: string): LockstepError =>
  new LockstepError(
    'TARGET_REFUSES_TLS',
    `${host} leads away from this machine, and nothing is sent over a network in plain text; correct the hosts file, or declare the real host`,
  );

const isLoopbackAddress = (address: string | undefined): boolean =>
  address !== undefined && (isLoopback(address) || address.startsWith('::ffff:127.'));
