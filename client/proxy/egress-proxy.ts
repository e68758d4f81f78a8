import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo, Socket } from 'node:net';
import { LockstepError } from '../../lambdas/core/errors.ts';
import type { HeldLease } from '../access/held-lease.ts';
import { admit } from './admission.ts';
import { connectPlace, plainPlace } from './asked-place.ts';
import type { Authority } from './authority.ts';
import type { DialPorts } from './dial.ts';
import { forward } from './forward.ts';
import type { Forwarding } from './forwarding.ts';
import { Interceptor } from './intercept.ts';
import { onceOnly, quietly } from './listeners.ts';
import type { PassAuthorityPorts } from './pass-authority.ts';
import { Pass } from './pass.ts';
import { refusalAnswer, refuseRequest, refuseSocket } from './refusal.ts';
import { tunnel, type Tunnels } from './tunnel.ts';
import { Upstream } from './upstream.ts';

/** What became of a request, for a log. Never a path, a query or a header: they may hold anything. */
export interface ProxyNote {
  readonly pass?: string;
  readonly lease?: string;
  readonly method: string;
  readonly place?: string;
  /** The target's status, `tunnelled`, the code of our refusal, or how a client left at the sight of our certificate. */
  readonly outcome: string;
  readonly milliseconds: number;
}

/** What the proxy needs. */
export interface ProxyOptions extends PassAuthorityPorts, DialPorts {
  /** @default 0, any that is free */
  readonly port?: number;
  readonly tunnels: Tunnels;
  readonly note: (note: ProxyNote) => void;
  readonly elapsed: () => number;
}

const HEADER_BYTES = 16 * 1024;
const MOST_CONNECTIONS = 512;

/**
 * An egress proxy on loopback. Whoever shows the secret of a pass reaches the hosts of its leases, with the leased
 * credential put into each request; everything else is refused, or goes through untouched where the user said so.
 */
export class EgressProxy {
  readonly #options: ProxyOptions;
  readonly #server: Server;
  readonly #interceptor: Interceptor;
  readonly #passes = new Map<string, Pass>();
  #opened = 0;

  private constructor(options: ProxyOptions) {
    this.#options = options;
    this.#interceptor = new Interceptor(
      ({ pass, authority, isTls }, request, response, goAhead) =>
        this.#serve({ pass, authority, isTls, target: request.url ?? '', request, response }, goAhead),
      ({ pass, authority }, outcome) =>
        this.#note(
          { pass: pass.name, place: nameOf(authority), method: 'CONNECT', outcome },
          options.elapsed(),
        ),
    );
    this.#server = createServer({ insecureHTTPParser: false, maxHeaderSize: HEADER_BYTES });
    this.#server.maxHeadersCount = 0;
    this.#server.maxConnections = MOST_CONNECTIONS;
    this.#server.on('connect', (request: IncomingMessage, socket: Socket, head: Buffer) =>
      this.#connect(request, quietly(socket), head),
    );
    this.#server.on('request', (request: IncomingMessage, response: ServerResponse) =>
      this.#plain(request, response),
    );
    this.#server.on('checkContinue', (request: IncomingMessage, response: ServerResponse) =>
      this.#plain(
        request,
        response,
        onceOnly(() => response.writeContinue()),
      ),
    );
    this.#server.on('clientError', (_error, socket) =>
      refuseSocket(quietly(socket), refusalAnswer(malformed('this is no request to a proxy'))),
    );
  }

  /** Starts one. Throws `PORT_IN_USE`. */
  static async start(options: ProxyOptions): Promise<EgressProxy> {
    const proxy = new EgressProxy(options);
    const { port = 0 } = options;
    proxy.#server.listen(port, '127.0.0.1');
    await once(proxy.#server, 'listening').catch((error: unknown) => {
      throw new LockstepError(
        'PORT_IN_USE',
        `port ${port} of 127.0.0.1 could not be opened; another process may have it. Name another, or none`,
        { cause: error },
      );
    });
    return proxy;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** Opens a pass for some leases. Throws `COMMAND_INVALID`. */
  open(leases: readonly HeldLease[]): Pass {
    this.#opened += 1;
    const pass = new Pass(`pass-${this.#opened}`, leases, new Upstream(this.#options), this.#options);
    this.#passes.set(pass.name, pass);
    return pass;
  }

  /** Ends a pass and all that goes on by it. The leases are their holder's business. */
  close(pass: Pass): void {
    this.#passes.delete(pass.name);
    pass.close();
  }

  /** Ends everything. */
  async stop(): Promise<void> {
    for (const pass of this.#passes.values()) this.close(pass);
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.#server.closeAllConnections();
    await closed;
  }

  #connect(request: IncomingMessage, socket: Socket, head: Buffer): void {
    const begun = this.#options.elapsed();
    const seen: { pass?: string; place?: string } = {};
    const attempt = async (): Promise<void> => {
      // First who asks: nobody else learns what passes here and what does not.
      const pass = admit(this.#passes, request.rawHeaders);
      seen.pass = pass.name;
      const place = connectPlace(request);
      seen.place = nameOf(place);
      pass.keep(socket);
      if (pass.leaseFor(place)) {
        socket.write('HTTP/1.1 200 Connection Established\r\n\r\n');
        if (head.length > 0) socket.unshift(head);
        this.#interceptor.take(socket, pass, place);
        return;
      }
      if (!this.#options.tunnels.has(place)) throw notNamed(place);
      await tunnel(socket, head, place, this.#options);
      this.#note({ ...seen, method: 'CONNECT', outcome: 'tunnelled' }, begun);
    };
    attempt().catch((error: unknown) => {
      const refusal = refusalAnswer(error);
      refuseSocket(socket, refusal);
      this.#note({ ...seen, method: 'CONNECT', outcome: refusal.code }, begun);
    });
  }

  /** Without TLS: only to this machine itself, which the rules of the lease have to say. */
  #plain(request: IncomingMessage, response: ServerResponse, goAhead?: () => void): void {
    try {
      const pass = admit(this.#passes, request.rawHeaders);
      pass.keep(request.socket);
      const asked = plainPlace(request);
      if (!pass.leaseFor(asked.authority)) throw notNamed(asked.authority);
      this.#serve({ pass, ...asked, isTls: false, request, response }, goAhead);
    } catch (error) {
      const refusal = refusalAnswer(error);
      refuseRequest(response, refusal);
      this.#note({ method: methodOf(request), outcome: refusal.code }, this.#options.elapsed());
    }
  }

  #serve(forwarding: Forwarding, goAhead?: () => void): void {
    const { pass, authority, request, response } = forwarding;
    const begun = this.#options.elapsed();
    const seen = { pass: pass.name, place: nameOf(authority), method: methodOf(request) };
    request.on('error', () => undefined);
    response.on('error', () => undefined);
    forward(goAhead ? { ...forwarding, goAhead } : forwarding, this.#options.clock)
      .then((lease) => this.#note({ ...seen, lease, outcome: String(response.statusCode) }, begun))
      .catch((error: unknown) => {
        const refusal = refusalAnswer(error);
        refuseRequest(response, refusal);
        this.#note({ ...seen, outcome: refusal.code }, begun);
      });
  }

  #note(note: Omit<ProxyNote, 'milliseconds'>, begun: number): void {
    this.#options.note({ ...note, milliseconds: Math.round(this.#options.elapsed() - begun) });
  }
}

const nameOf = ({ host, port }: Authority): string => `${host}:${port}`;

/** Node's parser knows a closed list of them. */
const methodOf = ({ method = '' }: IncomingMessage): string => method;

const malformed = (what: string): LockstepError =>
  new LockstepError('MALFORMED_REQUEST', `${what}; nothing was sent on`);

const notNamed = ({ host, port }: Authority): LockstepError =>
  new LockstepError(
    'EGRESS_REFUSED',
    `no lease of this pass is for ${host}:${port}, and no tunnel was asked for; lockstep proxy --tunnel ${host}:${port} lets it through untouched`,
  );
