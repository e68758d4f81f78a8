import { createHash } from 'node:crypto';
import { once } from 'node:events';
import {
  createServer as createHttp,
  type IncomingMessage,
  type RequestListener,
  type ServerResponse,
} from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { selfSigned } from '../../outbound/self-signed.ts';

/** A request as a target saw it. */
export interface SeenRequest {
  readonly method: string;
  readonly url: string;
  readonly rawHeaders: readonly string[];
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
  readonly bytes: number;
  readonly sha256: string;
  readonly clientPort: number;
}

/** A real server on loopback, with TLS unless it says otherwise. */
export interface Target {
  readonly host: string;
  readonly port: number;
  /** Its certificate: what a rule has as `ca`. */
  readonly ca: string;
  readonly seen: SeenRequest[];
  /** Connections that were opened to it. */
  readonly connections: () => number;
  close(): Promise<void>;
}

/** How it answers. */
export type Answers = (seen: SeenRequest, response: ServerResponse, request: IncomingMessage) => void;

/** Starts one that reads each request to its end and answers 200 where nothing else is said. */
export async function aTarget(
  answers: Answers = (_seen, response) => void response.end('served'),
  { host = 'api.target.test', isTls = true, reads = true } = {},
): Promise<Target> {
  const tls = selfSigned(host);
  const seen: SeenRequest[] = [];
  const sockets = new Set<Socket>();
  let connections = 0;
  const listener: RequestListener = (request, response) => {
    const take = (body: Buffer): void => {
      const one = seenOf(request, body);
      seen.push(one);
      answers(one, response, request);
    };
    if (!reads) return take(Buffer.alloc(0));
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('error', () => undefined);
    request.on('end', () => take(Buffer.concat(chunks)));
  };
  const server = isTls ? createServer({ cert: tls.cert, key: tls.key }, listener) : createHttp(listener);
  server.on('connection', (socket: Socket) => {
    connections += 1;
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => sockets.delete(socket));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    host,
    port: (server.address() as AddressInfo).port,
    ca: tls.cert,
    seen,
    connections: () => connections,
    close: async () => {
      const closed = once(server, 'close');
      for (const socket of sockets) socket.destroy();
      server.close();
      await closed;
    },
  };
}

const seenOf = (request: IncomingMessage, body: Buffer): SeenRequest => ({
  method: request.method ?? '',
  url: request.url ?? '',
  rawHeaders: [...request.rawHeaders],
  headers: request.headers,
  // The head of it: a large one is known by its digest.
  body: body.subarray(0, 64 * 1024).toString('utf8'),
  bytes: body.length,
  sha256: createHash('sha256').update(body).digest('hex'),
  clientPort: request.socket.remotePort ?? 0,
});
