import { once } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { createServer as createRawServer, type AddressInfo, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import type { SelfSigned } from './self-signed.ts';

/** One request, as a receiver saw it. */
interface Received {
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

/** A receiver on loopback that keeps what it was sent. */
export interface Receiver {
  readonly port: number;
  readonly url: string;
  readonly received: Received[];
  /** Connections that were opened, requests or not. */
  connections: number;
  close(): Promise<void>;
}

/** How a receiver is started. */
export interface ReceiverOptions {
  readonly address?: string;
  readonly port?: number;
  readonly tls?: SelfSigned;
  readonly answers?: (request: Received, ...node: Parameters<RequestListener>) => void;
}

/** Starts one. It answers 204 where nothing else is said. */
export async function aReceiver(options: ReceiverOptions = {}): Promise<Receiver> {
  const {
    address = '127.0.0.1',
    port = 0,
    tls,
    answers = (_r, _q, response) => response.writeHead(204).end(),
  } = options;
  const received: Received[] = [];
  const listener: RequestListener = (request, response) => {
    void text(request).then((body) => {
      const seen = { path: request.url ?? '', headers: request.headers, body };
      received.push(seen);
      answers(seen, request, response);
    });
  };
  const server = tls ? createTlsServer({ cert: tls.cert, key: tls.key }, listener) : createServer(listener);
  server.listen(port, address);
  await once(server, 'listening');
  const bound = (server.address() as AddressInfo).port;
  const receiver: Receiver = {
    port: bound,
    url: `${tls ? 'https' : 'http'}://${address}:${bound}/told`,
    received,
    connections: 0,
    close: () => closed(server),
  };
  server.on('connection', () => (receiver.connections += 1));
  return receiver;
}

async function closed(server: Server): Promise<void> {
  const ended = once(server, 'close');
  server.close();
  server.closeAllConnections();
  await ended;
}

/** A server below HTTP: for what no HTTP server would do. */
export async function aRawServer(
  talk: (socket: Socket) => void,
): Promise<{ readonly port: number; close(): Promise<void> }> {
  const sockets = new Set<Socket>();
  const server = createRawServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => sockets.delete(socket));
    talk(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    async close() {
      for (const socket of sockets) socket.destroy();
      const ended = once(server, 'close');
      server.close();
      await ended;
    },
  };
}
