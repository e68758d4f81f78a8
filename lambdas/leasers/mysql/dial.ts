import { lookup as systemLookup } from 'node:dns';
import { connect, isIP, type LookupFunction, type Socket } from 'node:net';
import type { ServerEndpoint } from '../../contracts/targets/endpoint.ts';
import { LockstepError } from '../../core/errors.ts';
import { isLoopbackAddress, isPlain, leadsAway } from '../../servers/tls-rule.ts';

/** How far a connection came. TLS begins within the login here, and its errors say so themselves. */
type Stage = 'name' | 'network' | 'login';

/** A socket that is about to connect, and what it saw on the way. */
export interface Dialled {
  readonly socket: Socket;
  readonly stage: () => Stage;
  /** Why nothing may be sent to where it led. */
  readonly refusal: () => LockstepError | undefined;
}

/** Makes the socket for one connection. Throws `NOT_SUPPORTED` for a place whose certificate could not be checked. */
export function dial(endpoint: ServerEndpoint, lookup: LookupFunction = systemLookup): Dialled {
  const { host, port } = endpoint;
  const plain = isPlain(endpoint);
  if (!plain && isIP(host) !== 0) {
    // The driver compares a certificate with names alone: for an address it would compare with somebody else's.
    throw new LockstepError(
      'NOT_SUPPORTED',
      `MySQL at ${host}:${port} is declared by its address, and certificates are checked by name; declare its host name`,
    );
  }
  let stage: Stage = isIP(host) === 0 ? 'name' : 'network';
  let refusal: LockstepError | undefined;
  const socket = connect({ host, port, lookup, noDelay: true });
  socket.once('lookup', (error: Error | null) => {
    if (!error) stage = 'network';
  });
  socket.once('connect', () => {
    stage = 'login';
    if (!plain || isLoopbackAddress(socket.remoteAddress)) return;
    refusal = leadsAway(host);
    socket.destroy(refusal);
  });
  return { socket, stage: () => stage, refusal: () => refusal };
}
