import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { LockstepError } from '../../lambdas/core/errors.ts';
import type { Authority } from './authority.ts';
import { onceOnly, quietly } from './listeners.ts';
import type { Pass } from './pass.ts';
import { refusalAnswer, refuseSocket } from './refusal.ts';

/** A request inside an intercepted connection. */
export type OnRequest = (
  inside: { readonly pass: Pass; readonly authority: Authority },
  request: IncomingMessage,
  response: ServerResponse,
  goAhead?: () => void,
) => void;

const HANDSHAKE_MS = 10_000;
const HEADER_BYTES = 32 * 1024;

/**
 * Ends the TLS of a client that wants to reach a host of its leases, with a certificate of the pass's own authority, and
 * reads HTTP/1.1 out of it. Who names another host in the handshake than in CONNECT, or none, gets no session.
 */
export class Interceptor {
  readonly #server;
  readonly #insides = new WeakMap<object, { readonly pass: Pass; readonly authority: Authority }>();

  constructor(onRequest: OnRequest) {
    const take = (request: IncomingMessage, response: ServerResponse, goAhead?: () => void): void => {
      const inside = this.#insides.get(request.socket);
      if (inside) onRequest(inside, request, response, goAhead);
      else request.socket.destroy();
    };
    // Never listens: it is given connections. Headers are not cut off at a number, or what is refused could hide behind it.
    this.#server = createServer(
      { insecureHTTPParser: false, maxHeaderSize: HEADER_BYTES, keepAliveTimeout: 65_000 },
      (request, response) => take(request, response),
    );
    this.#server.maxHeadersCount = 0;
    this.#server.on('checkContinue', (request: IncomingMessage, response: ServerResponse) =>
      take(
        request,
        response,
        onceOnly(() => response.writeContinue()),
      ),
    );
    this.#server.on('clientError', (_error, socket) =>
      refuseSocket(quietly(socket), refusalAnswer(unreadable())),
    );
  }

  /** Takes a connection over, once CONNECT was answered. */
  take(socket: Socket, pass: Pass, authority: Authority): void {
    const context = pass.authority.contextFor(authority.host);
    if (!context) {
      socket.destroy();
      return;
    }
    const tls = new TLSSocket(socket, {
      isServer: true,
      secureContext: context,
      ALPNProtocols: ['http/1.1'],
      SNICallback: (name, done) =>
        isSame(name, authority.host) ? done(null, context) : done(new Error('another host')),
    });
    const patience = setTimeout(() => socket.destroy(), HANDSHAKE_MS);
    tls.on('error', () => socket.destroy());
    tls.once('close', () => {
      clearTimeout(patience);
      socket.destroy();
    });
    tls.once('secure', () => {
      clearTimeout(patience);
      if (!isSame(serverNameOf(tls), authority.host)) {
        tls.destroy();
        return;
      }
      this.#insides.set(tls, { pass, authority });
      this.#server.emit('connection', tls);
    });
  }
}

/** What the client asked for in its handshake (RFC 6066 §3). */
const serverNameOf = (tls: TLSSocket & { readonly servername?: string | false | null }): string =>
  typeof tls.servername === 'string' ? tls.servername : '';

const isSame = (name: string, host: string): boolean => name.toLowerCase() === host;

const unreadable = (): LockstepError =>
  new LockstepError(
    'MALFORMED_REQUEST',
    'this is no HTTP/1.1 request that is read in one way only; nothing was sent on',
  );
