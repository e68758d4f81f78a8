import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { httpDouble, type HttpDouble } from '../adapters/doubles/http-double.ts';
import { signerOf } from '../fakes/signature-v4.ts';

/** The keys that callers of the doubles sign with. */
export const KEYS = { accessKeyId: 'test', secretAccessKey: 'a fake secret access key' };
export const REGION = 'us-east-1';

/** A request to a function URL whose signature has been recomputed. */
export interface SeenRequest {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: unknown;
}

/** What a function URL answers. `lose` cuts the connection, whatever has happened by then. */
export type UrlAnswer =
  { readonly status: number; readonly body: string; readonly headers?: object } | 'lose';

/** One function URL with IAM authorisation: refuses what is not signed as AWS wants it, as AWS does. */
export interface FunctionUrlDouble {
  readonly url: string;
  readonly seen: readonly SeenRequest[];
  answer: (request: SeenRequest) => UrlAnswer;
  close(): Promise<void>;
}

/** Starts one. */
export async function functionUrlDouble(): Promise<FunctionUrlDouble> {
  const seen: SeenRequest[] = [];
  const server = createServer((incoming, outgoing) => {
    void (async () => {
      const body = await bodyOf(incoming);
      const headers = Object.fromEntries(
        Object.entries(incoming.headers).map(([name, value]) => [name, String(value)]),
      );
      if (incoming.method !== 'POST' || !isSigned(incoming.url ?? '', headers, body)) {
        outgoing.writeHead(403, { 'content-type': 'application/json' }).end('{"Message":"Forbidden"}');
        return;
      }
      const request = { path: incoming.url ?? '', headers, body: JSON.parse(body) as unknown };
      seen.push(request);
      const answer = double.answer(request);
      if (answer === 'lose') incoming.socket.destroy();
      else outgoing.writeHead(answer.status, { ...answer.headers }).end(answer.body);
    })();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const double: FunctionUrlDouble = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    seen,
    answer: () => ({ status: 500, body: 'the test has planned no answer' }),
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return double;
}

async function bodyOf(incoming: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}

/** Whether whoever sent this to a function URL has our keys. */
const isSigned = (target: string, headers: Readonly<Record<string, string>>, body: string): boolean =>
  signerOf(
    { method: 'POST', target, headers, body },
    {
      region: REGION,
      service: 'lambda',
      secretOf: (key) => (key === KEYS.accessKeyId ? KEYS.secretAccessKey : undefined),
    },
  ) !== undefined;

/** Lambda's GetFunctionUrlConfig. */
export interface LambdaApiDouble extends HttpDouble {
  /** What was looked up, as `<function ARN>` or `<function ARN>:<alias>`. */
  readonly lookedUp: readonly string[];
}

/** Starts one that knows these functions, and refuses everything else as Lambda does. */
export async function lambdaApiDouble(urls: Readonly<Record<string, string>>): Promise<LambdaApiDouble> {
  const lookedUp: string[] = [];
  const http = await httpDouble('lambda', ({ method, path, query }) => {
    const name = /^\/2021-10-31\/functions\/(.+)\/url$/.exec(path)?.[1];
    if (method !== 'GET' || name === undefined) throw new Error(`${method} ${path} is no question for a URL`);
    const wanted = query['Qualifier'] === undefined ? name : `${name}:${query['Qualifier']}`;
    lookedUp.push(wanted);
    const found = urls[wanted];
    if (found === undefined)
      return {
        status: 404,
        headers: { 'x-amzn-errortype': 'ResourceNotFoundException' },
        body: JSON.stringify({ Type: 'User', Message: `no such ${wanted}` }),
      };
    return {
      status: 200,
      body: JSON.stringify({ FunctionUrl: found, FunctionArn: name, AuthType: 'AWS_IAM' }),
    };
  });
  return { ...http, lookedUp };
}
