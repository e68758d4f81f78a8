import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { LockstepError } from '../../lambdas/core/errors.ts';
import type { Authority } from './authority.ts';
import { onceOnly, quietly } from './listeners.ts';
import type { Pass } from './pass.ts';
import { IN_HAND } from './tls-options.ts';
import { refusalAnswer, refuseSocket } from './refusal.ts';

/** A request inside an intercepted connection. */
export type OnRequest = (
  inside: { readonly pass: Pass; readonly authority: Authority; readonly isTls: boolean },
  request: IncomingMessage,
  response: ServerResponse,
  goAhead?: () => void,
) => void;

/** How a client left that was shown a certificate of ours, and asked for nothing. */
export type Leaving = 'CERTIFICATE_REFUSED' | 'LEFT_AT_CERTIFICATE';

/** Hears of clients that leave when they see the certificate: they do not trust it, or want the target's own. */
export type OnLeaving = (
  inside: { readonly pass: Pass; readonly authority: Authority },
  leaving: Leaving,
) => void;

/** What a client says of a certificate that it does not take (RFC 8446 §6.2), as OpenSSL names it. */
const REFUSES_CERTIFICATE = /_ALERT_(UNKNOWN_CA|BAD_CERTIFICATE|CERTIFICATE_\w+|UNSUPPORTED_CERTIFICATE)$/;

const HANDSHAKE_MS = 10_000;
/** The first byte of TLS, and of no request (RFC 8446 §5.1). */
const TLS_HANDSHAKE = 0x16;
const HEADER_BYTES = 32 * 1024;

/**
 * Ends the TLS of a client that wants to reach a host of its leases, with a certificate of the pass's own authority, and
 * reads HTTP/1.1 out of it. Who names another host in the handshake than in CONNECT, or none, gets no session. To this
 * machine, where the rules of a lease say so, there may be HTTP without TLS inside.
 */
export class Interceptor {
  readonly #server;
  readonly #insides = new WeakMap<object, Inside>();
  readonly #onLeaving: OnLeaving;

  constructor(onRequest: OnRequest, onLeaving: OnLeaving) {
    this.#onLeaving = onLeaving;
    const take = (request: IncomingMessage, response: ServerResponse, goAhead?: () => void): void => {
      const inside = this.#insides.get(request.socket);
      if (!inside) return void request.socket.destroy();
      inside.hasAsked = true;
      onRequest(inside, request, response, goAhead);
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

  #left(inside: Inside, leaving: Leaving): void {
    // A client that has asked for something has taken the certificate.
    if (!inside.wasShown || inside.hasAsked) return;
    inside.wasShown = false;
    this.#onLeaving(inside, leaving);
  }

  /** Takes a connection over, once CONNECT was answered. */
  take(socket: Socket, pass: Pass, authority: Authority): void {
    if (!pass.isForThisMachine(authority)) return this.#takeTls(socket, pass, authority);
    // Some clients make a tunnel for http too, and to this machine it passes.
    const patience = setTimeout(() => socket.destroy(), HANDSHAKE_MS);
    socket.once('close', () => clearTimeout(patience));
    socket.once('data', (first: Buffer) => {
      clearTimeout(patience);
      socket.pause();
      socket.unshift(first);
      if (first[0] === TLS_HANDSHAKE) return this.#takeTls(socket, pass, authority);
      this.#insides.set(socket, { pass, authority, isTls: false, wasShown: false, hasAsked: false });
      this.#server.emit('connection', socket);
      socket.resume();
    });
  }

  #takeTls(socket: Socket, pass: Pass, authority: Authority): void {
    const context = pass.authority.contextFor(authority.host);
    if (!context) {
      socket.destroy();
      return;
    }
    const inside: Inside = { pass, authority, isTls: true, wasShown: false, hasAsked: false };
    const tls = new TLSSocket(socket, {
      ...IN_HAND,
      isServer: true,
      secureContext: context,
      ALPNProtocols: ['http/1.1'],
      SNICallback: (name, done) => {
        inside.wasShown = isSame(name, authority.host);
        if (inside.wasShown) done(null, context);
        else done(new Error('another host'));
      },
    });
    const patience = setTimeout(() => socket.destroy(), HANDSHAKE_MS);
    tls.on('error', (error: NodeJS.ErrnoException) => {
      if (REFUSES_CERTIFICATE.test(error.code ?? '')) this.#left(inside, 'CERTIFICATE_REFUSED');
      socket.destroy();
    });
    // Half a handshake would wait for its other half.
    tls.once('end', () => {
      if (!this.#insides.has(tls)) socket.destroy();
    });
    tls.once('close', () => {
      clearTimeout(patience);
      socket.destroy();
      // Some judge what they were shown and go without a word.
      this.#left(inside, 'LEFT_AT_CERTIFICATE');
    });
    tls.once('secure', () => {
      clearTimeout(patience);
      if (!isSame(serverNameOf(tls), authority.host)) {
        tls.destroy();
        return;
      }
      this.#insides.set(tls, inside);
      this.#server.emit('connection', tls);
    });
  }
}

interface Inside {
  readonly pass: Pass;
  readonly authority: Authority;
  readonly isTls: boolean;
  /** Whether it has seen the certificate, and nothing was said yet of how it left. */
  wasShown: boolean;
  hasAsked: boolean;
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
