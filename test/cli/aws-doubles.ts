import { createHash, createHmac } from 'node:crypto';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { httpDouble, type HttpDouble } from '../adapters/doubles/http-double.ts';

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

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
const hmac = (key: Buffer | string, text: string): Buffer => createHmac('sha256', key).update(text).digest();

/**
 * Signature Version 4, recomputed from the request as it came
 * (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html).
 */
function isSigned(url: string, headers: Readonly<Record<string, string>>, body: string): boolean {
  const form =
    /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/([^/]+)\/aws4_request, SignedHeaders=([^,]+), Signature=([0-9a-f]{64})$/;
  const [, key, day = '', region, service, signed = '', signature] =
    form.exec(headers['authorization'] ?? '') ?? [];
  if (key !== KEYS.accessKeyId || region !== REGION || service !== 'lambda') return false;
  const names = signed.split(';');
  const time = headers['x-amz-date'] ?? '';
  if (!names.includes('host') || !names.includes('x-amz-date') || !time.startsWith(day)) return false;
  // A session's token that is not signed could be swapped.
  if (headers['x-amz-security-token'] !== undefined && !names.includes('x-amz-security-token')) return false;
  const { pathname, search } = new URL(url, 'http://double');
  const lines = names.map((name) => `${name}:${(headers[name] ?? '').trim()}\n`).join('');
  const canonical = ['POST', pathname, search.slice(1), lines, signed, sha256(body)].join('\n');
  const scope = `${day}/${region}/${service}/aws4_request`;
  const toSign = ['AWS4-HMAC-SHA256', time, scope, sha256(canonical)].join('\n');
  const keyOfDay = hmac(
    hmac(hmac(hmac(`AWS4${KEYS.secretAccessKey}`, day), region), service),
    'aws4_request',
  );
  return hmac(keyOfDay, toSign).toString('hex') === signature;
}

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
