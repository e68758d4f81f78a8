import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { storeSettings } from '../../../lambdas/shell/client-settings.ts';

/** A request as it came over the wire. */
export interface WireRequest {
  readonly method: string;
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** `lose` cuts the connection instead of answering: whatever effect there was has happened. */
export type WireAnswer =
  | { readonly status: number; readonly body?: string; readonly headers?: Readonly<Record<string, string>> }
  | 'lose'
  | 'hang';

/** A service on loopback that keeps what it was sent, and holds every client to the protocol. */
export interface HttpDouble {
  readonly url: string;
  readonly requests: readonly WireRequest[];
  /** Stops it. Throws when any request broke the protocol: a double that nods proves nothing. */
  close(): Promise<void>;
}

/** An offence against the protocol; the client gets a 400 and the test fails at `close`. */
export class ProtocolViolation extends Error {
  override readonly name = 'ProtocolViolation';
}

/** Starts a double on a free port. */
export async function httpDouble(
  service: string,
  answer: (request: WireRequest) => WireAnswer | Promise<WireAnswer>,
): Promise<HttpDouble> {
  const requests: WireRequest[] = [];
  const violations: string[] = [];
  const server = createServer((incoming, outgoing) => {
    void respond(incoming, outgoing, async (request) => {
      requests.push(request);
      try {
        assertSigned(request, service);
        return await answer(request);
      } catch (error) {
        violations.push(error instanceof Error ? error.message : String(error));
        return {
          status: 400,
          body: JSON.stringify({ __type: 'ProtocolViolation', message: 'see the test' }),
        };
      }
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => {
        server.close(resolve);
      });
      if (violations.length > 0) throw new ProtocolViolation(violations.join('\n'));
    },
  };
}

async function respond(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  handle: (request: WireRequest) => Promise<WireAnswer>,
): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  const url = new URL(incoming.url ?? '/', 'http://double');
  const headers = Object.fromEntries(
    Object.entries(incoming.headers).map(([name, value]) => [name, String(value)]),
  );
  const answer = await handle({
    method: incoming.method ?? '',
    path: decodeURIComponent(url.pathname),
    query: Object.fromEntries(url.searchParams),
    headers,
    body: Buffer.concat(chunks).toString('utf8'),
  });
  if (answer === 'hang') return;
  if (answer === 'lose') {
    incoming.socket.destroy();
    return;
  }
  outgoing.writeHead(answer.status, { ...answer.headers }).end(answer.body ?? '');
}

/** Every call to AWS is signed for one service of one region. */
function assertSigned({ headers, method, path }: WireRequest, service: string): void {
  const scope = /Credential=test\/\d{8}\/us-east-1\/([a-z0-9-]+)\/aws4_request/.exec(
    headers['authorization'] ?? '',
  )?.[1];
  if (scope !== service)
    throw new ProtocolViolation(`${method} ${path} is signed for ${scope ?? 'nothing'}, expected ${service}`);
}

/** How a client of a double is made: our own settings, and a place that is not AWS. */
export const clientOf = (double: HttpDouble, maxAttempts = 3) => ({
  ...storeSettings(),
  maxAttempts,
  endpoint: double.url,
  region: 'us-east-1',
  credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
});
