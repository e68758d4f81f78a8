import { GetFunctionUrlConfigCommand, InvokeCommand, type LambdaClient } from '@aws-sdk/client-lambda';
import { once } from 'node:events';
import { createServer, request, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { randomUUID } from 'node:crypto';
import { signerOf, type SignedMessage } from '../../fakes/signature-v4.ts';
import { BED_ACCOUNT, BED_REGION } from '../launch/ministack.ts';
import { byAccessKey, type BedPrincipal } from './bed-principals.ts';
import { Turns } from './turns.ts';

/** What stands behind every function URL of the bed. */
export interface FunctionUrlDoor {
  /** The ports of loopback on which the URLs are answered, by their hosts: each has one of its own. */
  readonly ports: ReadonlyMap<string, number>;
  /** `fetch` for URLs of functions, which no name server knows. */
  readonly fetch: typeof fetch;
  /** The URL of a function's alias. Throws where the door has none of it. */
  readonly urlOf: (behind: Behind) => string;
  /** The same on loopback, for a client that finds its own way and knows no name of the bed. */
  readonly loopbackOf: (behind: Behind) => string;
  close(): Promise<void>;
}

/**
 * So many requests of one URL are under way at once. The bed starts a process of the function for each, as Lambda does, and
 * all of them on this machine: a dozen that load the policy engine at the same time keep everybody waiting for a minute.
 */
const AT_ONCE = 4;

/** A function and the alias of it that a URL belongs to. */
export interface Behind {
  readonly functionName: string;
  readonly qualifier?: string;
}

/** A URL as it was deployed. */
interface DeployedUrl extends Behind {
  readonly url: string;
  /** Whether IAM has to know who calls: what was deployed says so. */
  readonly isGuarded: boolean;
}

/** One of them, and what answers for it. */
interface OpenUrl extends DeployedUrl {
  readonly server: Server;
  readonly port: number;
}

/**
 * The front of function URLs, as Lambda has it. Where IAM guards one it checks the signature, and tells the function who
 * signed; where nobody guards it, whoever calls is let through, and nobody is named
 * (https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html). The bed's own tells nobody who called. Whether
 * IAM would let the caller in is judged from the policies, not here.
 */
export async function openFunctionUrlDoor(
  lambda: LambdaClient,
  behind: readonly Behind[],
): Promise<FunctionUrlDoor> {
  const open: OpenUrl[] = [];
  for (const each of behind) open.push(await openUrl(lambda, await deployedUrl(lambda, each)));
  const ports = new Map(open.map(({ url, port }) => [new URL(url).host, port]));
  const found = ({ functionName, qualifier }: Behind): OpenUrl => {
    const one = open.find((each) => each.functionName === functionName && each.qualifier === qualifier);
    if (one) return one;
    throw new TypeError(`the door has no URL of ${functionName}:${qualifier ?? ''}`);
  };
  return {
    ports,
    fetch: throughDoor(ports),
    urlOf: (of) => found(of).url,
    loopbackOf: (of) => `http://127.0.0.1:${found(of).port}/`,
    close: async () => void (await Promise.all(open.map(({ server }) => ended(server)))),
  };
}

async function deployedUrl(lambda: LambdaClient, behind: Behind): Promise<DeployedUrl> {
  const { functionName, qualifier } = behind;
  const { FunctionUrl: url = '', AuthType: guard } = await lambda.send(
    new GetFunctionUrlConfigCommand({
      FunctionName: functionName,
      ...(qualifier === undefined ? {} : { Qualifier: qualifier }),
    }),
  );
  return { ...behind, url, isGuarded: guard !== 'NONE' };
}

async function openUrl(lambda: LambdaClient, deployed: DeployedUrl): Promise<OpenUrl> {
  const turns = new Turns(AT_ONCE);
  const server = createServer((incoming, outgoing) => {
    turns
      .take(() => answer(lambda, deployed, incoming, outgoing))
      .catch(() => {
        if (!outgoing.headersSent) outgoing.writeHead(502);
        outgoing.end();
      });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { ...deployed, server, port: (server.address() as AddressInfo).port };
}

async function ended(server: Server): Promise<void> {
  const closed = once(server, 'close');
  server.close();
  server.closeAllConnections();
  await closed;
}

async function answer(
  lambda: LambdaClient,
  { functionName, qualifier, isGuarded }: DeployedUrl,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): Promise<void> {
  const message = await messageOf(incoming);
  const caller = isGuarded ? byAccessKey(signerOf(message, SCOPE)) : undefined;
  if (isGuarded && !caller) {
    outgoing.writeHead(403, { 'content-type': 'application/json' }).end('{"Message":"Forbidden"}');
    return;
  }
  const { Payload, FunctionError } = await lambda.send(
    new InvokeCommand({
      FunctionName: functionName,
      ...(qualifier === undefined ? {} : { Qualifier: qualifier }),
      Payload: JSON.stringify(urlEvent(message, caller)),
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

/** Whose signatures are taken, and for what. */
const SCOPE = {
  region: BED_REGION,
  service: 'lambda',
  secretOf: (id: string) => byAccessKey(id)?.secretAccessKey,
};

async function messageOf(incoming: IncomingMessage): Promise<SignedMessage> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  const { method = 'GET', url: target = '/', headers } = incoming;
  return {
    method,
    target,
    headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)])),
    body: Buffer.concat(chunks).toString('utf8'),
  };
}

/** The event of a function URL, in payload format 2.0. `caller`: who signed, where IAM guards it. */
function urlEvent(
  { method, target, headers, body }: SignedMessage,
  caller: BedPrincipal | undefined,
): Readonly<Record<string, unknown>> {
  const { pathname, search, searchParams } = new URL(target, 'http://door');
  return {
    version: '2.0',
    routeKey: '$default',
    rawPath: pathname,
    rawQueryString: search.slice(1),
    headers,
    ...(search === '' ? {} : { queryStringParameters: Object.fromEntries(searchParams) }),
    requestContext: {
      accountId: caller ? BED_ACCOUNT : 'anonymous',
      apiId: 'bed',
      ...(caller ? { authorizer: { iam: iamOf(caller) } } : {}),
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

function iamOf({ accessKeyId, userArn }: BedPrincipal): Readonly<Record<string, string | null>> {
  const userId = `AROA${accessKeyId}:bed`;
  return {
    accessKey: accessKeyId,
    accountId: BED_ACCOUNT,
    callerId: userId,
    cognitoIdentity: null,
    principalOrgId: null,
    userArn,
    userId,
  };
}

/** Sends a request that was signed for a function's URL to the door, under the host that it was signed for. */
const throughDoor =
  (ports: ReadonlyMap<string, number>): typeof fetch =>
  async (input, init) => {
    const { host, pathname, search } = new URL(String(input instanceof Request ? input.url : input));
    const port = ports.get(host);
    if (port === undefined) throw new TypeError(`the door has no URL at ${host}`);
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
