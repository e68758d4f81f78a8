import { once } from 'node:events';
import { createServer, request, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { readCall, type AwsCall } from './aws-call.ts';

/** What is answered. */
export interface BedAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/**
 * Stands between a caller and the bed, for every call: may answer itself, change what the bed answers, wait, or break
 * the connection. `pass` has the next one asked, and the bed in the end.
 */
export type Interceptor = (call: AwsCall, pass: (call: AwsCall) => Promise<BedAnswer>) => Promise<BedAnswer>;

/** Thrown by an interceptor: the caller's connection is cut, whatever has happened by then. */
export class Cut extends Error {
  override readonly name = 'Cut';
}

/** A proxy in front of a bed. */
export interface BedProxy {
  readonly url: string;
  close(): Promise<void>;
}

/** An answer in JSON, as services of AWS give it. */
export const jsonAnswer = (status: number, content: unknown): BedAnswer => ({
  status,
  headers: { 'content-type': 'application/x-amz-json-1.1' },
  body: Buffer.from(JSON.stringify(content)),
});

/** An error as services with JSON protocols answer it. */
export const errorAnswer = (name: string, message: string, status = 400): BedAnswer => ({
  ...jsonAnswer(status, { __type: name, message, Message: message }),
  headers: { 'content-type': 'application/x-amz-json-1.1', 'x-amzn-errortype': name },
});

/** Starts one on loopback. The first interceptor is asked first. */
export async function startBedProxy(bedUrl: string, interceptors: readonly Interceptor[]): Promise<BedProxy> {
  const bed = (call: AwsCall): Promise<BedAnswer> => forward(bedUrl, call);
  const chain = interceptors.reduceRight<(call: AwsCall) => Promise<BedAnswer>>(
    (next, interceptor) => (call) => interceptor(call, next),
    bed,
  );
  const server = createServer((incoming, outgoing) => {
    answer(incoming, outgoing, chain).catch((error: unknown) => {
      if (error instanceof Cut) incoming.socket.destroy();
      else refuse(outgoing, error);
    });
  });
  server.keepAliveTimeout = 60_000;
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, close: () => close(server) };
}

async function answer(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  chain: (call: AwsCall) => Promise<BedAnswer>,
): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  const { method = 'GET', url: target = '/', headers } = incoming;
  const {
    status,
    headers: said,
    body,
  } = await chain(readCall({ method, target, headers, body: Buffer.concat(chunks) }));
  outgoing.writeHead(status, { ...said, 'content-length': String(body.length) }).end(body);
}

/** What the proxy itself could not do is told as a fault of the server, with what it was. */
function refuse(outgoing: ServerResponse, error: unknown): void {
  const what = error instanceof Error ? `${error.name}: ${error.message}` : 'unknown';
  outgoing.writeHead(599, { 'content-type': 'application/json' }).end(JSON.stringify({ proxy: what }));
}

/** Headers that speak of one connection, not of the message. */
const OF_THE_CONNECTION = ['connection', 'keep-alive', 'transfer-encoding', 'content-length', 'expect'];

const forward = (bedUrl: string, { method, target, headers, body }: AwsCall): Promise<BedAnswer> =>
  new Promise((resolve, reject) => {
    const kept = Object.fromEntries(
      Object.entries(headers).filter(([name]) => !OF_THE_CONNECTION.includes(name)),
    );
    const outgoing = request(
      new URL(target, bedUrl),
      { method, headers: { ...kept, 'content-length': String(body.length) } },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () =>
          resolve({
            status: response.statusCode ?? 0,
            headers: Object.fromEntries(
              Object.entries(response.headers).flatMap(([name, value]) =>
                value === undefined || OF_THE_CONNECTION.includes(name) ? [] : [[name, String(value)]],
              ),
            ),
            body: Buffer.concat(chunks),
          }),
        );
      },
    );
    outgoing.on('error', reject);
    outgoing.end(body);
  });

async function close(server: Server): Promise<void> {
  const closed = once(server, 'close');
  server.close();
  server.closeAllConnections();
  await closed;
}
