import { GetFunctionUrlConfigCommand, InvokeCommand, type LambdaClient } from '@aws-sdk/client-lambda';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { randomUUID } from 'node:crypto';
import { signerOf } from '../../fakes/signature-v4.ts';
import { BED_ACCOUNT, BED_REGION } from '../launch/ministack.ts';
import { byAccessKey, type BedPrincipal } from './bed-principals.ts';

/** What stands behind every function URL of the bed. */
export interface FunctionUrlDoor {
  readonly port: number;
  /** The hosts of the URLs. */
  readonly hosts: readonly string[];
  /** `fetch` for URLs of functions, which no name server knows. */
  readonly fetch: typeof fetch;
  close(): Promise<void>;
}

/** A function and the alias of it that a URL belongs to. */
interface Behind {
  readonly functionName: string;
  readonly qualifier?: string;
}

/**
 * The front of function URLs, as Lambda has it: checks the signature, and tells the function who signed
 * (https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html). The bed's own tells nobody who called. Whether
 * IAM would let the caller in is judged from the policies, not here.
 */
export async function openFunctionUrlDoor(
  lambda: LambdaClient,
  behind: readonly Behind[],
): Promise<FunctionUrlDoor> {
  const urls = new Map<string, Behind>();
  for (const each of behind) urls.set(await hostOf(lambda, each), each);
  const server = createServer((incoming, outgoing) => {
    answer(lambda, urls, incoming, outgoing).catch(() => {
      if (!outgoing.headersSent) outgoing.writeHead(502);
      outgoing.end();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    port,
    hosts: [...urls.keys()],
    fetch: throughDoor(port),
    close: async () => {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

async function hostOf(lambda: LambdaClient, { functionName, qualifier }: Behind): Promise<string> {
  const { FunctionUrl = '' } = await lambda.send(
    new GetFunctionUrlConfigCommand({
      FunctionName: functionName,
      ...(qualifier === undefined ? {} : { Qualifier: qualifier }),
    }),
  );
  return new URL(FunctionUrl).host;
}

async function answer(
  lambda: LambdaClient,
  urls: ReadonlyMap<string, Behind>,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  const body = Buffer.concat(chunks).toString('utf8');
  const headers = Object.fromEntries(
    Object.entries(incoming.headers).map(([name, value]) => [name, String(value)]),
  );
  const { method = 'GET', url: target = '/' } = incoming;
  const behind = urls.get(headers['host'] ?? '');
  const key = signerOf(
    { method, target, headers, body },
    { region: BED_REGION, service: 'lambda', secretOf: (id) => byAccessKey(id)?.secretAccessKey },
  );
  const caller = byAccessKey(key);
  if (!behind || !caller) {
    outgoing.writeHead(403, { 'content-type': 'application/json' }).end('{"Message":"Forbidden"}');
    return;
  }
  const event = urlEvent({ method, target, headers, body }, caller);
  const { Payload, FunctionError } = await lambda.send(
    new InvokeCommand({
      FunctionName: behind.functionName,
      ...(behind.qualifier === undefined ? {} : { Qualifier: behind.qualifier }),
      Payload: JSON.stringify(event),
    }),
  );
  if (FunctionError !== undefined || !Payload) {
    outgoing
      .writeHead(502, { 'content-type': 'application/json' })
      .end('{"Message":"Internal Server Error"}');
    return;
  }
  const said = JSON.parse(Buffer.from(Payload).toString('utf8')) as {
    readonly statusCode: number;
    readonly headers?: Readonly<Record<string, string>>;
    readonly body?: string;
  };
  outgoing.writeHead(said.statusCode, said.headers ?? {}).end(said.body ?? '');
}

/** The event of a function URL with IAM authorisation, in payload format 2.0. */
function urlEvent(
  {
    method,
    target,
    headers,
    body,
  }: {
    readonly method: string;
    readonly target: string;
    readonly headers: Readonly<Record<string, string>>;
    readonly body: string;
  },
  { accessKeyId, userArn }: BedPrincipal,
): Readonly<Record<string, unknown>> {
  const { pathname, search, searchParams } = new URL(target, 'http://door');
  const userId = `AROA${accessKeyId}:bed`;
  return {
    version: '2.0',
    routeKey: '$default',
    rawPath: pathname,
    rawQueryString: search.slice(1),
    headers,
    ...(search === '' ? {} : { queryStringParameters: Object.fromEntries(searchParams) }),
    requestContext: {
      accountId: BED_ACCOUNT,
      apiId: 'bed',
      authorizer: {
        iam: {
          accessKey: accessKeyId,
          accountId: BED_ACCOUNT,
          callerId: userId,
          cognitoIdentity: null,
          principalOrgId: null,
          userArn,
          userId,
        },
      },
      domainName: headers['host'],
      http: { method, path: pathname, protocol: 'HTTP/1.1', sourceIp: '127.0.0.1', userAgent: 'bed' },
      requestId: randomUUID(),
      routeKey: '$default',
      stage: '$default',
      timeEpoch: Date.now(),
    },
    ...(body === '' ? {} : { body }),
    isBase64Encoded: false,
  };
}

/** Sends a request that was signed for a function's URL to the door, under the host that it was signed for. */
const throughDoor =
  (port: number): typeof fetch =>
  async (input, init) => {
    const { request } = await import('node:http');
    const { host, pathname, search } = new URL(String(input instanceof Request ? input.url : input));
    const headers = Object.fromEntries(
      new Headers(init?.headers ?? (input instanceof Request ? input.headers : {})),
    );
    return new Promise((resolve, reject) => {
      const outgoing = request(
        { host: '127.0.0.1', port, method: init?.method ?? 'GET', path: `${pathname}${search}` },
        (response) => {
          const chunks: Buffer[] = [];
          response.on('data', (chunk: Buffer) => chunks.push(chunk));
          response.on('end', () =>
            resolve(
              new Response(Buffer.concat(chunks), {
                status: response.statusCode ?? 502,
                headers: { 'content-type': response.headers['content-type'] ?? '' },
              }),
            ),
          );
        },
      );
      for (const [name, value] of Object.entries({ ...headers, host })) outgoing.setHeader(name, value);
      outgoing.on('error', reject);
      outgoing.end(typeof init?.body === 'string' ? init.body : undefined);
    });
  };
