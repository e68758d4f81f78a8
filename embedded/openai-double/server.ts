import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { ApiError } from './api-error.ts';
import { answer, type ApiPorts, type DoubleAnswer } from './api.ts';
import type { LoggedRequest } from './request-log.ts';

/** What the HTTP server needs. */
export interface ServerPorts extends ApiPorts {
  readonly log: (request: LoggedRequest) => void;
  readonly newRequestId: () => string;
}

/** More than any request of this API. */
const MAX_BODY_BYTES = 1024 * 1024;

/** A server that answers nothing yet. Loopback only: whoever starts it listens on 127.0.0.1. */
export function bareServer(): Server {
  const server = createServer();
  // A client that trickles its request does not hold a place for ever; one that is quiet keeps its connection.
  server.headersTimeout = 10_000;
  server.requestTimeout = 30_000;
  server.keepAliveTimeout = 65_000;
  return server;
}

/** Has the server answer with the double's API. */
export function serveApi(server: Server, ports: ServerPorts): void {
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    // An answer that could not be written down first is not given.
    serve(ports, request, response).catch(() => request.socket.destroy());
  });
}

async function serve(ports: ServerPorts, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const body = await bodyOf(request);
  if (body === undefined) {
    const tooLong = new ApiError(413, `A request here has at most ${MAX_BODY_BYTES} bytes.`);
    response.writeHead(413, { ...headersOf(ports), connection: 'close' }).end(JSON.stringify(tooLong.body()));
    return;
  }
  const { method = 'GET', url = '/', headers } = request;
  const answered = answer(ports, {
    method,
    target: url,
    authorization: headers.authorization,
    contentType: headers['content-type'],
    body,
  });
  ports.log(entryOf(ports, request, answered));
  if (answered.transport === 'lose') {
    request.socket.destroy();
    return;
  }
  const send = (): void => {
    response.writeHead(answered.status, { ...headersOf(ports), ...answered.headers });
    response.end(JSON.stringify(answered.body));
  };
  if (answered.transport === 'answer') send();
  else setTimeout(send, answered.transport.delayMs).unref();
}

const headersOf = ({ newRequestId }: ServerPorts): Record<string, string> => ({
  'content-type': 'application/json',
  'x-lockstep-double': 'openai',
  'x-request-id': newRequestId(),
});

const REQUEST_ID = /^[0-9a-f-]{36}$/;

function entryOf(
  { clock }: ServerPorts,
  { method = 'GET', headers, socket }: IncomingMessage,
  { route, status, keyId, transport }: DoubleAnswer,
): LoggedRequest {
  const id = headers['x-client-request-id'];
  return {
    at: clock().toISOString(),
    method,
    route,
    status: transport === 'lose' ? 0 : status,
    keyId,
    clientPort: socket.remotePort ?? 0,
    // It is written down: what is no id is left out, whatever it is.
    ...(typeof id === 'string' && REQUEST_ID.test(id) ? { clientRequestId: id } : {}),
    caller: headers['user-agent'] === 'lockstep' ? 'lockstep' : 'other',
  };
}

/** The body as text; `undefined` where it is too long. A request that breaks off has nobody to be answered. */
async function bodyOf(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of request) {
      const bytes = Buffer.from(chunk as Uint8Array);
      size += bytes.length;
      if (size > MAX_BODY_BYTES) return undefined;
      chunks.push(bytes);
    }
  } catch {
    return undefined;
  }
  return Buffer.concat(chunks).toString('utf8');
}
